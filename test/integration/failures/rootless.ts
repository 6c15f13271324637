import { defaultSpec } from '../../../src/config/default-spec.ts';
import type { IDMapping } from '../../../src/config/types.ts';
import type { TestSpec } from '../../support/bundle.ts';

/** A user who has no subordinate ids. */
export const NOBODY = 65534;

/** Makes the configuration a rootless one for the user nobody, with only the own id mapped. */
export function rootless(spec: TestSpec): void {
  const { args } = spec.process;
  Object.assign(spec, defaultSpec({ rootless: true, uid: NOBODY, gid: NOBODY }));
  Object.assign(spec.process, { args, terminal: false });
}

/** The same, with more ids mapped. */
export function rootlessWithRanges(spec: TestSpec): void {
  rootless(spec);
  const more: IDMapping = { containerID: 1, hostID: 100_000, size: 65536 };
  spec.linux.uidMappings!.push(more);
  spec.linux.gidMappings!.push(more);
}
