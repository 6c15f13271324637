import type { PersonalityDomain } from '../../config/names/personality-domains.ts';
import { declare } from '../ffi/libc.ts';

/** linux/personality.h. */
const DOMAINS: Record<PersonalityDomain, number> = { LINUX: 0, LINUX32: 8 };

const native = declare<[number]>('int personality(unsigned long persona)', {
  describe: (persona) => `personality 0x${persona.toString(16)}`,
  changesProcess: (persona) => ({ syscall: 'personality', arguments: [persona] }),
});

/** personality(2). */
export const personality = (domain: PersonalityDomain): void => {
  native(DOMAINS[domain]);
};
