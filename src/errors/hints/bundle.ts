import type { Hint } from './hint.ts';

export const bundleHints: readonly Hint[] = [
  {
    stage: 'createState',
    says: /given ID already exists/,
    hint: 'choose another id, or remove that container: davit delete ID',
  },
  {
    stage: 'createState',
    code: ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR'],
    hint: '--root, or XDG_RUNTIME_DIR, must name a directory of your own',
  },
  {
    stage: 'createState',
    code: 'ENOSPC',
    hint: 'the file system of --root is full',
  },
];
