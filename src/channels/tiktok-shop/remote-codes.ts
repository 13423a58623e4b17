import type { RetryAnswer, UpstreamErrorCode } from '../../lib/errors.ts';
import type { ChannelRefusal } from '../channel.ts';

/** What one of TikTok's codes means to us. */
export type RemoteClass = {
  code: UpstreamErrorCode;
  retry: RetryAnswer;
  /** `none`: surely without effect. `unclear`: a write may have had its effect. */
  effect: 'none' | 'unclear';
  /** Set where the answer is about one order or SKU, so that it is a value and not a fault. */
  refusal?: ChannelRefusal['reason'];
  /** Said to a person. */
  text: string;
  /** TikTok's own words for this code cannot hold a buyer's data. */
  isQuotable: boolean;
};

const fault = (
  code: UpstreamErrorCode,
  retry: RetryAnswer,
  effect: RemoteClass['effect'],
  text: string,
): RemoteClass => ({ code, retry, effect, text, isQuotable: false });

const refusal = (reason: ChannelRefusal['reason'], text: string): RemoteClass => ({
  code: reason === 'already_done' || reason === 'state_changed' ? 'upstream_conflict' : 'upstream_refused',
  retry: 'never',
  effect: 'none',
  refusal: reason,
  text,
  isQuotable: true,
});

export const THROTTLED = fault('upstream_throttled', 'later', 'none', 'too many requests');
export const UNAVAILABLE = fault('upstream_unavailable', 'later', 'unclear', 'a fault inside TikTok Shop');
export const TIMED_OUT = fault('upstream_timeout', 'later', 'unclear', 'TikTok Shop timed out');
export const MALFORMED = fault('upstream_malformed', 'later', 'unclear', 'the answer cannot be read');
export const TOKEN_EXPIRED = fault('upstream_token_expired', 'now', 'none', 'the access token has expired');
export const AUTH_REFUSED = fault('upstream_auth_refused', 'later', 'none', 'the credentials are refused');
export const CONFIG_REFUSED = fault('upstream_config_refused', 'never', 'none', 'the request is refused');
/** A fresh timestamp is signed with every call, so a later one may pass. */
export const CLOCK_REFUSED = fault('upstream_unavailable', 'later', 'none', 'the timestamp is refused');
export const UNKNOWN_CODE: RemoteClass = {
  ...refusal('refused', 'refused with a code we do not know'),
  isQuotable: false,
};

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** TikTok's umbrella code: credentials, clock or request, told apart by its message alone. */
export const UMBRELLA_CODE = '36009004';

const GENERAL: [RemoteClass, number[]][] = [
  [THROTTLED, [36009002]],
  [UNAVAILABLE, [36009003]],
  [TIMED_OUT, [36009007, 11001027, 21001003]],
  [TOKEN_EXPIRED, [105002]],
  [AUTH_REFUSED, [106001]],
  [{ ...AUTH_REFUSED, text: 'the token does not fit the shop or the call' }, [101000]],
  [{ ...AUTH_REFUSED, text: 'a scope is missing: the seller has to authorise the app again' }, [105005]],
  [{ ...AUTH_REFUSED, text: 'this address is not on the allow list of the app' }, [36009033]],
  [{ ...AUTH_REFUSED, text: 'the authorisation has ended: authorise again' }, [36004001, 36004005]],
  [CONFIG_REFUSED, [36009004, 36009009, 36009010, 36009021, 36009022, 36009023]],
  [{ ...CONFIG_REFUSED, text: 'this version of the call is retired' }, [36009014]],
  [{ ...CONFIG_REFUSED, text: 'the shop cipher is missing' }, [106013]],
  [UNAVAILABLE, [10002014, 10002015, 10037002, 10037003, 10037004]],
  [refusal('refused', 'the order is not one of this shop'), [10006402, 21008111, 21011028]],
  [{ ...refusal('state_changed', 'the status forbids this now'), retry: 'later' }, [10007002]],
];

const FULFILMENT: [RemoteClass, number[]][] = [
  [UNAVAILABLE, [11001031, 11006005, 11006026, 21001008, 21001011, 21001029, 21001043, 21001055, 21008300]],
  [UNAVAILABLE, [21022029, 21022030, 21042001, 21042076]],
  [
    refusal('already_done', 'already shipped'),
    [21008099, 21011006, 21011020, 21042056, 11006021, 21011040, 21011027],
  ],
  [
    refusal('tracking_rejected', 'tracking number or carrier not accepted'),
    [11028006, 21004012, 21004015, 21004016, 21011022, 21022032],
  ],
  [refusal('duplicate_tracking', 'tracking number already in use'), [21011025, 21034012, 21011026]],
  [refusal('after_sale_pending', 'a cancellation or return is pending'), [21011007, 21008044]],
  [refusal('state_changed', 'the order is on hold'), [21011044]],
  [refusal('state_changed', 'the order is not awaiting shipment'), [21011003, 21042057, 21011012, 21011013]],
  [refusal('state_changed', 'the order is cancelled or returned'), [21011041, 21011042, 25001010]],
  [refusal('state_changed', 'TikTok ships this order'), [21008025, 21008042, 21022025]],
  [refusal('state_changed', 'the order was combined with another'), [21011033, 21011046]],
  [refusal('refused', 'the choice of lines is not accepted'), [21011048, 21011036, 21011029, 21022028]],
  [
    {
      ...refusal('refused', 'this call is not for this market or order'),
      code: 'upstream_config_refused',
    },
    [21008106, 21011004],
  ],
  [refusal('refused', 'an invoice is missing'), [21004006, 21004019, 21004020]],
  [
    { ...refusal('refused', 'the address cannot be delivered to'), isQuotable: false },
    [21014009, 21021010, ...range(11021010, 11021025)],
  ],
  [refusal('refused', 'a parameter is not accepted'), [21001001, 11050001, 11001002, 21011005]],
  [
    refusal('not_correctable', 'the tracking number can no longer be changed'),
    [21011049, 21011050, 21011051, 21011052, 21011030],
  ],
  [refusal('state_changed', 'not shipped yet'), [21011043]],
  [refusal('refused', 'this delivery option has no carriers of the seller'), [21008116, 21008117]],
];

const STOCK: [RemoteClass, number[]][] = [
  [refusal('refused', 'quantity out of range'), [12052055, 12019024]],
  [refusal('refused', 'not exactly the warehouses of the SKU'), [12019028, 12052533, 12052037]],
  [refusal('refused', 'stock is locked by a promotion'), [12052393]],
  [refusal('refused', 'stock belongs to another shop or product'), [12052921, 12052141]],
  [
    refusal('refused', 'warehouse unknown or not usable'),
    [12052097, 12052530, 12052531, 12052403, 12052364, 12052532, 12019022, 12052094],
  ],
  [
    refusal('refused', 'product or SKU unknown or inactive'),
    [12052901, 12052032, 12052260, 12052048, 12052556],
  ],
  [refusal('refused', 'an appeal or auction is in progress'), [12052308, 12052371]],
  [refusal('refused', 'the check of the SKU failed'), [12052990]],
  [refusal('refused', 'the seller is inactive'), [12052700]],
  [refusal('refused', 'the stock of a virtual bundle cannot be set'), [12052850]],
  [refusal('refused', 'too many items in one search'), [12019027, 12019087, 12052180]],
];

const CANCELLATION: [RemoteClass, number[]][] = [
  [UNAVAILABLE, [25001028, 25001058, 25007002]],
  [refusal('already_done', 'already cancelled or being cancelled'), [25001011]],
  [refusal('state_changed', 'already shipped'), [25001045]],
  [refusal('state_changed', 'already completed or cancelled'), [25001051]],
  [
    refusal('state_changed', 'the state does not allow it'),
    [25011011, 25011012, 25020003, 25020004, 25020009, 25020010],
  ],
  [refusal('refused', 'the reason is not accepted'), [25001014, 25001015, 25001020, 25001021]],
  [refusal('refused', 'these lines cannot be cancelled'), [25005010, 25005011]],
  [refusal('refused', 'order not found'), [25007006]],
  [refusal('refused', 'no permission'), [25020005]],
  [refusal('refused', 'a parameter is not accepted'), [25001001]],
];

/** Every code that the partner docs list for our calls (2025-12), by its decimal form. */
export const REMOTE_CLASSES: ReadonlyMap<string, RemoteClass> = new Map(
  [...GENERAL, ...FULFILMENT, ...STOCK, ...CANCELLATION].flatMap(([remoteClass, codes]) =>
    codes.map((code): [string, RemoteClass] => [String(code), remoteClass]),
  ),
);
