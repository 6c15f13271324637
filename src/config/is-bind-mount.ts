import type { Mount } from './types.ts';

/** True where an option makes it a bind mount, or the type does: config.md, "Mounts". */
export const isBindMount = ({ type, options = [] }: Mount): boolean =>
  type === 'bind' || options.includes('bind') || options.includes('rbind');
