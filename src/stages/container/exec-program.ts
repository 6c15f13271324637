import type { InitContext } from '../../lifecycle/context.ts';
import { appArmorDirectory } from '../../process/labels/lsm.ts';
import { filterComesLast } from '../../process/seccomp/filter-comes-last.ts';
import { becomeTrampoline } from '../../process/trampoline/become-trampoline.ts';
import type { KernelCalls } from '../../process/trampoline/kernel-calls.ts';
import { lastCalls } from '../../process/trampoline/last-calls.ts';
import { getLimits } from '../../syscalls/rlimit.ts';

/** Becomes the program: takes back what Node changed of the process. */
export const execProgram = (ctx: InitContext): void =>
  becomeTrampoline(ctx, { calls: [], keep: [] }, execCalls(ctx));

/** {@link execProgram} but for execve itself. */
export function execCalls(ctx: InitContext): KernelCalls {
  const { process: program, spec, procfs, seccomp } = ctx;
  const calls = lastCalls({
    process: program,
    procfs,
    reportFd: ctx.channel.fd,
    noFile: { soft: ctx.noFile, hard: getLimits(0, 'RLIMIT_NOFILE').hard },
    appArmorDirectory: program.apparmorProfile ? appArmorDirectory(procfs) : undefined,
    seccomp: filterComesLast(spec) ? seccomp : undefined,
  });
  const wantsLabel = program.apparmorProfile || program.selinuxLabel;
  return { calls, keep: wantsLabel ? [procfs] : [] };
}
