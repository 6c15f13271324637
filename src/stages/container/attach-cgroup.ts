import type { InitContext } from '../../lifecycle/context.ts';

/** Moves init into its cgroup; memory is left for the end, so that setting up is not charged. */
export const attachCgroup = ({ attachment }: InitContext): void =>
  attachment?.join({ memory: 'later' });

/** Moves init into the hierarchy that accounts memory. */
export const attachMemoryCgroup = ({ attachment }: InitContext): void => {
  attachment?.join({ memory: 'only' });
  attachment?.close();
};
