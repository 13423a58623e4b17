import pg from 'pg';

const PREFIX = 'bench_';

/**
 * Makes a new, empty database on the bench's own cluster and takes away those of earlier runs. Answers its address.
 * @param {string} clusterUrl
 */
export const newDatabase = async (clusterUrl) => {
  const client = new pg.Client({ connectionString: `${clusterUrl}/postgres` });
  await client.connect();
  const earlier = await client.query('select datname from pg_database where starts_with(datname, $1)', [
    PREFIX,
  ]);
  for (const { datname } of earlier.rows) await client.query(`drop database "${datname}" with (force)`);
  const name = `${PREFIX}${process.pid}`;
  await client.query(`create database "${name}"`);
  await client.end();
  return `${clusterUrl}/${name}`;
};
