import type { RecipientAddress } from '../../channels/channel.ts';

type District = RecipientAddress['districts'][number];

const isNamed = (district: District): boolean => district.name.trim() !== '';

/** The area of a level (`L0` country, `L1` state, `L2` county, `L3` city in TikTok Shop's order model); '' when absent. */
export const districtAt = (recipient: RecipientAddress, level: string): string =>
  recipient.districts.find((it) => isNamed(it) && it.level.trim().toUpperCase() === level)?.name ?? '';

/** The area whose level is called so; '' when absent. */
export const districtNamed = (recipient: RecipientAddress, levelName: RegExp): string =>
  recipient.districts.find((it) => isNamed(it) && levelName.test(it.levelName))?.name ?? '';
