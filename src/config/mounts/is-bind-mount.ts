import type { Mount } from '../types.ts';

/** True when the type or an option makes it a bind mount: config.md, "Mounts". */
export const isBindMount = ({ type, options = [] }: Mount): boolean =>
  type === 'bind' || options.includes('bind') || options.includes('rbind');
