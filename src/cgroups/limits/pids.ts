import type { Int64 } from '../../config/types.ts';
import { type Controller, writeField } from './controller.ts';

/** Documentation/admin-guide/cgroup-v1/pids.rst; the same file in v2. */
export const pids: Controller = {
  name: 'pids',
  firstSetField: ({ pids }) =>
    pids?.limit === undefined ? undefined : 'linux.resources.pids.limit',
  apply: (dir, { pids }) => {
    if (pids?.limit === undefined) return;
    writeField('linux.resources.pids.limit', dir, 'pids.max', pidsMax(pids.limit));
  },
};

/** pids.max for a limit. 0 becomes 1, as in runc: systemd has no 0, and both act alike. */
export function pidsMax(limit: Int64): string {
  if (BigInt(limit) < 0n) return 'max';
  return BigInt(limit) === 0n ? '1' : String(limit);
}
