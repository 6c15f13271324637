import { loadSpec } from '../config/load.ts';
import type { Spec } from '../config/types.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { baseContext } from './base-context.ts';
import { recallNotes } from './plugin-notes.ts';
import type { Session } from './session.ts';
import type { StoredContainer } from './stored.ts';

/** What stages work on, for a container that exists. Its configuration is the one kept at creation. */
export function contextOf(
  container: StoredContainer,
  session: Session,
  spec: Spec = loadSpec(container.stateDir),
): RuntimeContext {
  const { record, stateDir, cgroup } = container;
  recallNotes(session, record);
  return {
    ...baseContext(session),
    id: record.id,
    bundle: record.bundle,
    spec,
    rootfs: record.rootfs,
    stateDir,
    options: { noPivot: false, noNewKeyring: false, preserveFds: 0 },
    rootless: record.rootless ?? false,
    cgroupManager: record.cgroup?.driver ?? 'disabled',
    listenFds: 0,
    record,
    inherited: { notify: -1, console: -1, pidfd: -1 },
    cgroup: cgroup as never,
    claimed: true,
    cgroupCreated: cgroup !== undefined,
  };
}
