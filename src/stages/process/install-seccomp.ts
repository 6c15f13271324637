import { closeSync, writeSync } from 'node:fs';
import type { InitContext } from '../../context/init-context.ts';
import { FieldError } from '../../errors/stage-error.ts';
import { encodeReport } from '../../init/channel/wire.ts';
import { NO_CALL_NUMBER } from '../../init/trampoline/become-trampoline.ts';
import type { TrampolineCall } from '../../init/trampoline/build-trampoline.ts';
import { capsetCall } from '../../init/trampoline/capset-call.ts';
import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import { seccompCalls } from '../../init/trampoline/seccomp-calls.ts';
import { type CapabilitySets, setsWithoutExec } from '../../process/capability-sets.ts';
import type { CompiledSeccomp } from '../../seccomp/compile.ts';
import {
  FILTER_CAPABILITY,
  isAmbientAfter,
  setsForFilter,
  trampolineSets,
  withFilterCapability,
} from '../../seccomp/filter-capability.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';
import type { CapabilityBits } from '../../syscalls/rights/capabilities.ts';
import { seccompSetFilter } from '../../syscalls/rights/seccomp-filter.ts';
import { PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, setDumpable } from '../../syscalls/task/prctl.ts';

/** Installs the filter, unless the trampoline installs it as its last call: filterComesLast. */
export function installSeccomp(ctx: InitContext): void {
  const { seccomp, afterFilter } = ctx;
  if (!seccomp || filterComesLast(ctx.spec)) return;
  if (afterFilter) withFilterCapability(afterFilter, () => installFilter(seccomp, ctx));
  else installFilter(seccomp, ctx);
}

/**
 * {@link installSeccomp} as calls of the trampoline. Under the filter, the trampoline gives up
 * CAP_SYS_ADMIN by capset(2), waits for `start` and executes the program.
 */
export function installSeccompCalls(ctx: InitContext): KernelCalls {
  const { seccomp, afterFilter, process, channel } = ctx;
  if (!seccomp || filterComesLast(ctx.spec)) return { calls: [], keptFds: [] };
  const install = seccompCalls(seccomp, channel.fd);
  if (!afterFilter)
    return { calls: install, dropsRights: true, hasReportNumbers: true, keptFds: [] };
  const { isHelper } = ctx;
  const { uid } = process.user;
  const after = isHelper ? setsAfterFilter(uid, afterFilter) : trampolineSets(uid, afterFilter);
  return {
    prepare: [
      ...(isAmbientAfter(afterFilter) ? [] : [lowerAmbient]),
      // Without execve(2), the ambient capability does not become an effective one.
      ...(isHelper ? [capsetCall(setsForFilter(setsWithoutExec(uid)))] : []),
    ],
    calls: [...install, capsetCall(after)],
    dropsRights: true,
    hasReportNumbers: true,
    keptFds: [],
  };
}

/** {@link trampolineSets} for a trampoline that nothing is executed before: setsWithoutExec. */
function setsAfterFilter(uid: number, after: CapabilitySets): CapabilityBits {
  const permitted = uid === 0 ? after.permitted : after.ambient;
  return { effective: permitted, permitted, inheritable: after.inheritable };
}

const lowerAmbient: TrampolineCall = {
  syscall: 'prctl',
  arguments: [PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, FILTER_CAPABILITY, 0, 0],
};

/**
 * Installs the filter. init reports a listener by write(2), in the trampoline's format: the filter
 * may stop any other call. The runtime takes the listener (passListener), then answers.
 */
function installFilter(seccomp: CompiledSeccomp, { channel, unprivileged }: InitContext): void {
  // An ordinary user's runtime can take the listener only from a dumpable init: see protectInit.
  const open = seccomp.notify && unprivileged;
  if (open) setDumpable(true);
  const listener = install(seccomp);
  if (!seccomp.notify) return;
  writeSync(channel.fd, encodeReport(NO_CALL_NUMBER, listener));
  channel.receive();
  closeSync(listener);
  if (open) setDumpable(false);
}

function install({ program, flags }: CompiledSeccomp): number {
  try {
    return seccompSetFilter(program, flags);
  } catch (error) {
    throw new FieldError('linux.seccomp', error);
  }
}
