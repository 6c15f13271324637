import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { setdomainname } from '../../syscalls/task/hostname.ts';

/** Sets the NIS domain name of the container's UTS namespace. */
export function setDomainname({ spec }: InitContext): void {
  const name = spec.domainname;
  if (name) atField('domainname', () => setdomainname(name));
}
