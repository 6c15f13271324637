import { atField } from '../../errors/stage-error.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';

/** Moves init into its cgroup and applies the limits; memory is left for the end, so that setting up is not charged. */
export function attachCgroup({ cgroup, init, spec }: RuntimeContext): void {
  cgroup.attach(init!.pid, { memory: 'later' });
  const resources = spec.linux?.resources;
  if (resources) atField('linux.resources', () => cgroup.apply(resources));
}

export function attachMemoryCgroup({ cgroup, init }: RuntimeContext): void {
  cgroup.attach(init!.pid, { memory: 'only' });
}
