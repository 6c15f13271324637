import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import { personality } from '../../syscalls/task/personality.ts';

/** Sets linux.personality.domain; runtime-spec 1.3 defines no flags. */
export function setPersonality({ spec }: InitContext): void {
  const domain = spec.linux?.personality?.domain;
  if (domain) atField('linux.personality.domain', () => personality(domain));
}
