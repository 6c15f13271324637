import { closeSync, writeSync } from 'node:fs';
import { FieldError } from '../../errors/stage-error.ts';
import type { InitContext } from '../../lifecycle/context.ts';
import type { CompiledSeccomp } from '../../process/seccomp/compile.ts';
import { filterComesLast } from '../../process/seccomp/filter-comes-last.ts';
import { encodeReport } from '../../process/trampoline/report.ts';
import { setDumpable } from '../../syscalls/prctl.ts';
import { seccompSetFilter } from '../../syscalls/seccomp.ts';

/** Installs the filter here and now, unless the trampoline does. */
export function installSeccomp(ctx: InitContext): void {
  if (ctx.seccomp && !filterComesLast(ctx.spec)) installFilter(ctx.seccomp, ctx);
}

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
