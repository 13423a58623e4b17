import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes the names in a folder durable: a file's own sync does not promise that it can be found again. */
export const syncFolder = (path: string): void => {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
};

/** Makes the name of a file durable, and those of all the folders it lies in. */
export const syncFoldersOf = (path: string): void => {
  const own = dirname(path);
  syncFolder(own);
  for (let folder = own; folder !== dirname(folder); ) {
    folder = dirname(folder);
    try {
      syncFolder(folder);
    } catch {
      // A folder that may not be opened is none that we made.
    }
  }
};
