import { carryTrace } from '../../caller/carry-trace.ts';
import { listenEnvironment } from '../../caller/listen-fds.ts';
import { wantsTraceEnvironment } from '../../config/trace-environment.ts';
import type { InitContext } from '../../context/init-context.ts';
import { atField } from '../../errors/stage-error.ts';
import {
  applyCapabilities,
  type CapabilitySets,
  capabilitySets,
  limitBoundingSet,
} from '../../process/capability-sets.ts';
import { userEnvironment } from '../../process/user-environment.ts';
import {
  filterCapabilityBits,
  makeFilterCapabilityAmbient,
  makeFilterCapabilityInheritable,
} from '../../seccomp/filter-capability.ts';
import { umask } from '../../syscalls/files/file.ts';
import { setKeepCaps } from '../../syscalls/task/prctl.ts';
import { setCredentials } from './set-credentials.ts';

const DEFAULT_UMASK = 0o022;

/**
 * Becomes process.user with process.capabilities; where these are absent, the user keeps its own.
 * The capability that installing the seccomp filter needs stays until then: filterCapabilityBits.
 */
export function dropCapabilities(ctx: InitContext): void {
  const { user, capabilities, env = [] } = ctx.process;
  // Before the user changes: root can read /etc/passwd whatever its mode.
  const given = wantsTraceEnvironment(ctx.spec) ? carryTrace(env, ctx.traceEnvironment) : env;
  const program = ctx.exactEnvironment
    ? given
    : atField('process.env', () => userEnvironment(given, user.uid));
  ctx.environment = [...program, ...listenEnvironment(ctx.listenFds)];
  const kept = filterCapabilityBits(ctx);
  const before = kept ? makeFilterCapabilityInheritable() : undefined;
  atField('process.capabilities.bounding', () => {
    if (capabilities) limitBoundingSet(capabilities);
  });
  setKeepCaps(true);
  setCredentials(ctx);
  umask(user.umask ?? DEFAULT_UMASK);
  setKeepCaps(false);
  atField('process.capabilities', () => {
    const applied = capabilities && applyCapabilities(capabilities, kept);
    if (before) makeFilterCapabilityAmbient(ctx, applied ?? unchanged(before));
  });
}

/**
 * The user's own sets, inheritable and ambient as they were before {@link
 * makeFilterCapabilityInheritable}.
 */
const unchanged = ({ inheritable, ambient }: CapabilitySets): CapabilitySets => ({
  permitted: capabilitySets().permitted,
  inheritable,
  ambient,
});
