import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { idMask } from '../../syscalls/task/id-mask.ts';
import { setMempolicy } from '../../syscalls/task/mempolicy.ts';

/** Sets linux.memoryPolicy. */
export function setMemoryPolicy({ spec }: InitContext): void {
  const policy = spec.linux?.memoryPolicy;
  if (!policy) return;
  atField('linux.memoryPolicy', () => {
    setMempolicy(policy.mode, policy.flags ?? [], policy.nodes ? idMask(policy.nodes) : null);
  });
}
