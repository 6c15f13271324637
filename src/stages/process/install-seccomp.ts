import { closeSync, writeSync } from 'node:fs';
import { FieldError } from '../../errors/stage-error.ts';
import type { TrampolineCall } from '../../init/trampoline/build-trampoline.ts';
import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import { encodeReport } from '../../init/trampoline/report.ts';
import { seccompCalls } from '../../init/trampoline/seccomp-calls.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import type { CompiledSeccomp } from '../../seccomp/compile.ts';
import {
  FILTER_CAPABILITY,
  isAmbientAfter,
  trampolineSets,
  withFilterCapability,
} from '../../seccomp/filter-capability.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';
import { capsetArguments } from '../../syscalls/rights/capabilities.ts';
import { seccompSetFilter } from '../../syscalls/rights/seccomp-filter.ts';
import { PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, setDumpable } from '../../syscalls/task/prctl.ts';

/** Installs the filter here and now, unless it comes last of all. */
export function installSeccomp(ctx: InitContext): void {
  const { seccomp, afterFilter } = ctx;
  if (!seccomp || filterComesLast(ctx.spec)) return;
  if (afterFilter) withFilterCapability(afterFilter, () => installFilter(seccomp, ctx));
  else installFilter(seccomp, ctx);
}

/** {@link installSeccomp}: what is left to be done under the filter is to give a capability up, and to wait. */
export function installSeccompCalls(ctx: InitContext): KernelCalls {
  const { seccomp, afterFilter, process, channel } = ctx;
  if (!seccomp || filterComesLast(ctx.spec)) return { calls: [], keep: [] };
  const install = seccompCalls(seccomp, channel.fd);
  if (!afterFilter) return { calls: install, confine: true, described: true, keep: [] };
  const [header, data] = capsetArguments(trampolineSets(process.user.uid, afterFilter));
  return {
    prepare: isAmbientAfter(afterFilter) ? [] : [lowerAmbient],
    calls: [...install, { syscall: 'capset', arguments: [{ bytes: header }, { bytes: data }] }],
    confine: true,
    described: true,
    keep: [],
  };
}

const lowerAmbient: TrampolineCall = {
  syscall: 'prctl',
  arguments: [PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, FILTER_CAPABILITY, 0, 0],
};

/**
 * Installs the filter. Of a listener the runtime is told by write(2), in the trampoline's format,
 * and takes it (sendSeccompListener) before it answers: the filter may stop any other call.
 */
function installFilter(seccomp: CompiledSeccomp, { channel, unprivileged }: InitContext): void {
  // Meanwhile an ordinary user's runtime must be able to take it: see protectInit.
  const open = seccomp.notify && unprivileged;
  if (open) setDumpable(true);
  const listener = install(seccomp);
  if (!seccomp.notify) return;
  writeSync(channel.fd, encodeReport({ call: -1, result: listener }));
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
