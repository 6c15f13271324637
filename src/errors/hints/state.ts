import type { Hint } from './hint.ts';

export const stateHints: readonly Hint[] = [
  {
    stage: 'createState',
    errno: ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR'],
    hint: '--root, or XDG_RUNTIME_DIR, must name a directory of your own',
  },
  {
    stage: 'createState',
    errno: 'ENOSPC',
    hint: 'the file system of --root is full',
  },
];
