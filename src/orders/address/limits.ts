/**
 * The longest texts that are sent. Amazon's model states no lengths; these are those of its older address forms and are
 * unconfirmed, which is why nothing else in the code knows them. A phone in E.164 has at most 16 characters and needs
 * none.
 */
export const LIMITS = {
  name: 50,
  line: 60,
  lines: 3,
  city: 50,
  state: 50,
  district: 50,
  postalCode: 20,
} as const;
