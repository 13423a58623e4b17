/** What a code means to whoever called, wherever it comes from. */
export type ProblemPage = {
  status: number;
  title: string;
  whatHappened: string;
  whatToDo: string;
};

/** Every code that an answer or the start can carry: one page each under `/problems/`. */
export const PROBLEMS = {
  address_missing: {
    status: 409,
    title: 'No address shown',
    whatHappened: 'TikTok Shop shows no address of this order now.',
    whatToDo:
      'Look at the order in Seller Center; TikTok hides addresses of orders that are over or on hold.',
  },
  amazon_account_in_use: {
    status: 409,
    title: 'Amazon account in use',
    whatHappened: 'Shops draw on the account, or orders are under way at it.',
    whatToDo:
      'Give its shops another account (PATCH /api/shops/{shopId}) and let its open orders end, then try again.',
  },
  amazon_account_known: {
    status: 409,
    title: 'Amazon account known',
    whatHappened: 'The refresh token is that of an account which is connected in the same marketplace.',
    whatToDo: 'Use the account that is there; its stock would be offered twice otherwise.',
  },
  amazon_account_unknown: {
    status: 404,
    title: 'Unknown Amazon account',
    whatHappened: 'No Amazon account has this id, or it is out of service.',
    whatToDo: 'See GET /api/amazon-accounts for those there are.',
  },
  amazon_refused: {
    status: 422,
    title: 'Amazon refuses the token',
    whatHappened: 'The refresh token was tried with read-only calls, and Amazon refused them.',
    whatToDo:
      'Make a new refresh token in Seller Central with the app of AMAZON_LWA_CLIENT_ID, for the right region and marketplace.',
  },
  config_invalid: {
    status: 500,
    title: 'Configuration incomplete',
    whatHappened: 'A setting that this work needs is missing or wrong.',
    whatToDo: 'Run the doctor: it names the setting and its fix.',
  },
  connect_not_configured: {
    status: 409,
    title: 'Connecting is not set up',
    whatHappened: 'A setting that leads to the other side and back is missing.',
    whatToDo:
      'Set PUBLIC_URL, and TIKTOK_AUTHORIZE_URL for shops or AMAZON_APPLICATION_ID for Amazon accounts; the detail names which.',
  },
  csrf_refused: {
    status: 403,
    title: 'Not from a page of this service',
    whatHappened:
      'A browser sent this with a session, and it does not come from a page of this service or lacks its proof.',
    whatToDo:
      'Send `x-csrf-token` with the value that `GET /api/session` answers, from a page of this service. Scripts use a bearer token instead.',
  },
  cursor_invalid: {
    status: 400,
    title: 'Unknown cursor',
    whatHappened: 'The cursor is not one that this service gave out for this list.',
    whatToDo: 'Send `nextCursor` of the page before unchanged, or leave it out to begin anew.',
  },
  delivery_unknown: {
    status: 404,
    title: 'Delivery unknown',
    whatHappened: 'There is no such delivery of an outgoing webhook, or it is older than 30 days.',
    whatToDo: 'See GET /api/outgoing-webhooks/deliveries for those there are.',
  },
  endpoint_invalid: {
    status: 400,
    title: 'Endpoint not valid',
    whatHappened: 'An outgoing webhook cannot go there, or names a shop that there is not.',
    whatToDo:
      'Use an https address that is reached from everywhere. For one in your own network set OUTGOING_ALLOW_PRIVATE.',
  },
  endpoint_unknown: {
    status: 404,
    title: 'Endpoint unknown',
    whatHappened: 'There is no endpoint of outgoing webhooks with this id.',
    whatToDo: 'See GET /api/outgoing-webhooks for those there are.',
  },
  environment_owns_it: {
    status: 409,
    title: 'Set in the environment',
    whatHappened:
      'What is to be changed comes from the environment, which would bring it back at the next start.',
    whatToDo: 'Change or remove it in the environment and start again.',
  },
  fst_err_bad_url: {
    status: 400,
    title: 'Unreadable address',
    whatHappened:
      'The path holds a percent sign that is not followed by two hexadecimal digits of valid UTF-8.',
    whatToDo: 'Encode every part of the path, as `encodeURIComponent` does.',
  },
  fst_err_max_param_length: {
    status: 414,
    title: 'Address too long',
    whatHappened: 'A part of the path is longer than any id is.',
    whatToDo: 'Check the id in the path.',
  },
  fst_err_ctp_body_too_large: {
    status: 413,
    title: 'Body too large',
    whatHappened: 'The body is larger than this route takes.',
    whatToDo: 'Send less in one request.',
  },
  fst_err_ctp_empty_type: {
    status: 415,
    title: 'Media type missing',
    whatHappened: 'The request has a body and no Content-Type.',
    whatToDo: 'Send `Content-Type: application/json`.',
  },
  fst_err_ctp_invalid_content_length: {
    status: 400,
    title: 'Body and length differ',
    whatHappened: 'The body is not as long as its Content-Length says.',
    whatToDo: 'Leave Content-Length to the HTTP client.',
  },
  fst_err_ctp_invalid_json_body: {
    status: 400,
    title: 'Not JSON',
    whatHappened: 'The body is sent as JSON and cannot be read as such.',
    whatToDo: 'Check the body with a JSON parser.',
  },
  fst_err_ctp_invalid_media_type: {
    status: 415,
    title: 'Media type not taken',
    whatHappened: 'This route does not read a body of this Content-Type.',
    whatToDo: 'Send `application/json`; the SKU map also takes `text/csv`.',
  },
  headers_too_large: {
    status: 431,
    title: 'Header fields too large',
    whatHappened: 'The header block is larger than this service reads.',
    whatToDo: 'Send fewer or shorter headers; often a cookie of another site on the same host is the cause.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    whatHappened: 'Something failed here. The answer says nothing of the inside on purpose.',
    whatToDo: 'Look into the log of the service, which has the fault, and report it.',
  },
  invalid_request: {
    status: 400,
    title: 'Request not valid',
    whatHappened: 'A field of the path, the query or the body is missing, unknown or not of its form.',
    whatToDo: '`errors` names each field and what is wrong with it.',
  },
  job_unknown: {
    status: 404,
    title: 'Long work unknown',
    whatHappened: 'No long work of yours has this id: it is kept in memory and forgotten with a restart.',
    whatToDo: 'See the review queue for what still waits, and begin again.',
  },
  marketplace_unknown: {
    status: 400,
    title: 'Unknown marketplace',
    whatHappened: 'The marketplace is not one of Amazon’s, or it lies in another region.',
    whatToDo: 'Take id and region from Amazon’s list of marketplaces.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    whatHappened: 'There is something at this address, and it takes another method.',
    whatToDo: 'Use the method that the `Allow` header names.',
  },
  not_for_single_shops: {
    status: 403,
    title: 'Concerns all shops',
    whatHappened: 'This shows or changes what belongs to no single shop, and you are limited to some shops.',
    whatToDo: 'Ask somebody who is not limited to shops.',
  },
  not_http: {
    status: 400,
    title: 'Not HTTP',
    whatHappened: 'What arrived is no valid HTTP request.',
    whatToDo: 'Check what speaks to this port: TLS, for example, has to be ended in front of it.',
  },
  nothing_to_undo: {
    status: 409,
    title: 'Nothing to undo',
    whatHappened: 'The SKU map was not changed since the service started.',
    whatToDo: 'Put the map that you want into force.',
  },
  order_busy: {
    status: 409,
    title: 'Order is being worked on',
    whatHappened: 'Another runner had the order for longer than this request could wait.',
    whatToDo: 'Try again in a moment.',
  },
  order_unknown: {
    status: 404,
    title: 'Order unknown',
    whatHappened: 'No order with this id was ever seen, or it is of a shop that you do not see.',
    whatToDo: 'Check the id. `POST /reconcile` finds orders whose webhook was lost.',
  },
  page_unknown: {
    status: 404,
    title: 'Unknown page',
    whatHappened: 'The console has no page at this address.',
    whatToDo: 'Begin at /console.',
  },
  password_weak: {
    status: 400,
    title: 'Password too weak',
    whatHappened: 'The password is too short, too long, too simple or the name itself.',
    whatToDo: 'Choose one of at least 12 characters; several words make a good one.',
  },
  password_wrong: {
    status: 403,
    title: 'Password wrong',
    whatHappened: 'The present password is not the one that was given. Nothing was changed.',
    whatToDo: 'Try again, or ask an admin for a new password.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    whatHappened:
      'Your address sent more requests, or more wrong tokens or signatures, than it may in a minute.',
    whatToDo: 'Wait a minute.',
  },
  report_missing: {
    status: 404,
    title: 'No report of this day',
    whatHappened: 'No daily report is kept for this day.',
    whatToDo: 'Reports are made an hour after midnight UTC for the day before, and kept for a month.',
  },
  request_too_slow: {
    status: 408,
    title: 'Request too slow',
    whatHappened: 'The request did not arrive in time.',
    whatToDo: 'Send it again over a better connection.',
  },
  role_missing: {
    status: 403,
    title: 'Role missing',
    whatHappened: 'Your role does not include this.',
    whatToDo: 'Ask an admin for the role that the answer names.',
  },
  route_unknown: {
    status: 404,
    title: 'Nothing here',
    whatHappened: 'There is nothing at this address.',
    whatToDo: 'See `/docs` for all there is.',
  },
  session_needed: {
    status: 403,
    title: 'Sign-in needed',
    whatHappened: 'This can be done by somebody who is signed in, and not with a bearer token.',
    whatToDo: 'Sign in with `POST /api/session`.',
  },
  sharing_invalid: {
    status: 400,
    title: 'Sharing rule does not hold together',
    whatHappened:
      'The rule names shops that do not draw on the account, names one twice, or shares out over 100 percent.',
    whatToDo: 'Mend what `errors` names.',
  },
  shop_unknown: {
    status: 404,
    title: 'Shop unknown',
    whatHappened: 'There is no such shop, or you do not see it.',
    whatToDo: 'Check the id of the shop.',
  },
  sign_in_busy: {
    status: 503,
    title: 'Too many sign-ins',
    whatHappened: 'More people sign in at this moment than passwords can be checked.',
    whatToDo: 'Try again in some seconds.',
  },
  sign_in_refused: {
    status: 401,
    title: 'Sign-in refused',
    whatHappened: 'The name, the password or the token is wrong, or the user is disabled.',
    whatToDo: 'Check both. An admin can set a new password.',
  },
  single_sign_on_refused: {
    status: 401,
    title: 'Single sign-on refused',
    whatHappened:
      'The answer of the identity provider is not one that this service asked for, or came too late or twice.',
    whatToDo: 'Start the sign-in again.',
  },
  single_sign_on_unavailable: {
    status: 502,
    title: 'Single sign-on unavailable',
    whatHappened: 'The identity provider cannot be reached or does not answer as it should.',
    whatToDo: 'Try again later, or sign in with a password. The log of the service says more.',
  },
  single_sign_on_unknown: {
    status: 403,
    title: 'No user for this identity',
    whatHappened: 'The identity provider knows you, and no user here is yours.',
    whatToDo: 'Ask an admin to add a user with your mail address, or your name there, as its name.',
  },
  sku_map_invalid: {
    status: 400,
    title: 'SKU map not valid',
    whatHappened: 'The SKU map has bad rows. Nothing was changed.',
    whatToDo: '`errors` names each row and what is wrong with it. Mend them and send the whole map again.',
  },
  sku_map_moved: {
    status: 409,
    title: 'SKU map changed meanwhile',
    whatHappened: 'Somebody else changed the SKU map after you looked at the changes. Nothing was changed.',
    whatToDo: 'Look at the changes again, then confirm them.',
  },
  sku_map_not_yours: {
    status: 403,
    title: 'SKU map of other shops',
    whatHappened:
      'The map names a shop that you do not see, or has an entry for all shops. Nothing was changed.',
    whatToDo: 'Send only entries of your own shops, each with its `shopId`. The others stay as they are.',
  },
  sku_map_row_unknown: {
    status: 404,
    title: 'Row not in the SKU map',
    whatHappened: 'The SKU map has no row for this shop and SKU any more.',
    whatToDo: 'Look at the map as it is now (GET /api/sku-map).',
  },
  sku_map_unreadable: {
    status: 500,
    title: 'SKU_MAP_FILE not readable',
    whatHappened: 'The file that SKU_MAP_FILE names cannot be read.',
    whatToDo: 'Check the path and the rights of the file, then start again.',
  },
  sku_not_paused: {
    status: 404,
    title: 'SKU not paused',
    whatHappened: 'There is no such pause. One for a shop and one for all shops are two.',
    whatToDo: 'See `GET /api/paused-skus` for those there are.',
  },
  store_unavailable: {
    status: 503,
    title: 'Store unavailable',
    whatHappened: 'The database cannot take or give data now.',
    whatToDo: 'Try again. `/health` says what is wrong in a few words, and the log all of it.',
  },
  token_invalid: {
    status: 400,
    title: 'Token not valid',
    whatHappened: 'The end of the token does not lie in the future. No token was made.',
    whatToDo: 'Send `expiresAt` in the future, or leave it out.',
  },
  token_unknown: {
    status: 404,
    title: 'Token unknown',
    whatHappened: 'There is no such token; it may have been revoked already.',
    whatToDo: 'List the tokens to find its id.',
  },
  too_many_jobs: {
    status: 409,
    title: 'Too much long work',
    whatHappened: 'Several long works of the console go on at this moment.',
    whatToDo: 'Wait until one of them is done, then begin again.',
  },
  too_many_tokens: {
    status: 409,
    title: 'Too many tokens',
    whatHappened: 'The user has as many tokens as one may have.',
    whatToDo: 'Revoke one that is no longer used.',
  },
  too_many_endpoints: {
    status: 409,
    title: 'Too many endpoints',
    whatHappened: 'There are as many outgoing webhooks as this service keeps.',
    whatToDo: 'Delete one that is no longer used.',
  },
  too_many_listeners: {
    status: 503,
    title: 'Too many open pages',
    whatHappened: 'More pages listen for news than this service serves at once.',
    whatToDo: 'Close pages that nobody looks at. What is on a page stays right when it is loaded again.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    whatHappened: 'The request carries no token or session, or one that is not known here.',
    whatToDo: 'Send `Authorization: Bearer <token>`.',
  },
  upstream_unavailable: {
    status: 502,
    title: 'TikTok Shop or Amazon unavailable',
    whatHappened: 'The other side did not answer as it should. Nothing is lost.',
    whatToDo: 'Try again later. `/health` says which side and since when.',
  },
  user_invalid: {
    status: 400,
    title: 'User not valid',
    whatHappened: 'A field of the user does not go, or does not go with another. Nothing was changed.',
    whatToDo: 'The answer names the field and the fix.',
  },
  user_name_taken: {
    status: 409,
    title: 'Name taken',
    whatHappened: 'Another user has this name; capital letters make no difference.',
    whatToDo: 'Choose another name.',
  },
  user_needed: {
    status: 403,
    title: 'Only for users',
    whatHappened: '`ADMIN_TOKEN` belongs to no user, and this is about one’s own password or tokens.',
    whatToDo: 'Sign in as a user. The token itself is changed in the environment.',
  },
  user_unknown: {
    status: 404,
    title: 'User unknown',
    whatHappened: 'There is no such user.',
    whatToDo: 'List the users to find the id.',
  },
  webhook_unreadable: {
    status: 400,
    title: 'Webhook not readable',
    whatHappened: 'The signature is good and the body is not what a webhook holds.',
    whatToDo: 'Compare the body with the documentation of the topic.',
  },
} as const satisfies Record<string, ProblemPage>;

export type ProblemCode = keyof typeof PROBLEMS;

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** Null for a code that has no page. */
export const findProblem = (code: string): ProblemPage | null =>
  isProblemCode(code) ? PROBLEMS[code] : null;

/** All codes, sorted. */
export const PROBLEM_CODES = Object.keys(PROBLEMS).filter(isProblemCode).sort();
