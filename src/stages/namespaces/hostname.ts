import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { sethostname } from '../../syscalls/task/hostname.ts';

/** Sets the host name of the container's UTS namespace. */
export function setHostname({ spec }: InitContext): void {
  const name = spec.hostname;
  if (name) atField('hostname', () => sethostname(name));
}
