import { createRequire } from 'node:module';

/**
 * A package that is loaded when it is first used, for what a start should not pay for and a pure function needs
 * without waiting. The caller names the package's own type.
 */
export const loadLater = <Package>(name: string): (() => Package) => {
  const load: (name: string) => Package = createRequire(import.meta.url);
  let loaded: Package | undefined;
  return () => {
    loaded ??= load(name);
    return loaded;
  };
};
