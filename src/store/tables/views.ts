/** Lists that people kept for themselves; `user_id` is null for the holder of `ADMIN_TOKEN`. */
export const VIEW_TABLES = `
create table saved_views (
  id integer primary key,
  user_id text references users on delete cascade,
  name text not null,
  query text not null
) strict;
create unique index saved_views_key on saved_views (coalesce(user_id, ''), name);
create index saved_views_by_user on saved_views (user_id);
`;
