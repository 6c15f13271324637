import type { Hint } from './hint.ts';

export const stateHints: readonly Hint[] = [
  {
    stage: 'createState',
    errno: ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR'],
    hint: 'set --root or XDG_RUNTIME_DIR to a directory that you own',
  },
  {
    stage: 'createState',
    errno: 'ENOSPC',
    hint: 'the file system of --root is full',
  },
];
