/**
 * Calls `make` when its value is first wanted, and never again. For packages that a start should not pay for and that
 * a pure function needs without waiting.
 */
export const once = <Value>(make: () => Value): (() => Value) => {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};
