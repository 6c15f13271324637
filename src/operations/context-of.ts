import { loadSpec } from '../config/load.ts';
import type { RuntimeContext } from '../lifecycle/context.ts';
import { inheritedNoFile } from '../process/trampoline/inherited-nofile.ts';
import { traceEnvironment } from '../telemetry/trace-context.ts';
import type { Session } from './session.ts';
import type { StoredContainer } from './stored.ts';

/** What stages work on, for a container that exists. Its configuration is the one kept at creation. */
export function contextOf(container: StoredContainer, session: Session): RuntimeContext {
  const { record, stateDir, cgroup } = container;
  return {
    id: record.id,
    bundle: record.bundle,
    spec: loadSpec(stateDir),
    rootfs: record.rootfs,
    stateDir,
    options: { noPivot: false, noNewKeyring: false, preserveFds: 0 },
    rootless: record.rootless ?? false,
    unprivileged: process.geteuid!() !== 0,
    systemdCgroup: record.cgroup?.driver === 'systemd',
    listenFds: 0,
    watched: {
      announce: session.bus !== undefined || session.log.debugging,
      intercept: new Set(session.watch.interceptors.keys()),
    },
    record,
    inherited: { notify: -1, lock: -1, console: -1, pidfd: -1 },
    init: undefined,
    channel: undefined,
    traceEnvironment: traceEnvironment(session.recorder.context),
    stageTraceEnvironment: () => traceEnvironment(session.spans.context),
    noFile: inheritedNoFile(process.env),
    attachment: undefined,
    warn: (message) => session.log.warning(message),
    cgroup: cgroup as never,
    claimed: true,
    cgroupCreated: cgroup !== undefined,
  };
}
