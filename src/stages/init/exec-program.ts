import type { InitContext } from '../../context/init-context.ts';
import { becomeTrampoline, reportFdOf } from '../../init/trampoline/become-trampoline.ts';
import type { KernelCalls } from '../../init/trampoline/kernel-calls.ts';
import { lastCalls } from '../../init/trampoline/last-calls.ts';
import { seccompCalls } from '../../init/trampoline/seccomp-calls.ts';
import { appArmorDirectory } from '../../process/labels/lsm.ts';
import { filterComesLast } from '../../seccomp/filter-comes-last.ts';

/** Executes the program by the trampoline, which first undoes what Node changed in the process. */
export function execProgram(ctx: InitContext): void {
  const { prepare, calls, keptFds } = execCalls(ctx);
  const all = [...prepare, ...calls].map((call, index) => ({ ...call, index }));
  becomeTrampoline(ctx, { calls: all, execIndex: all.length, keptFds });
}

/** The calls of {@link execProgram}, without execve itself. */
export function execCalls(ctx: InitContext): Required<Omit<KernelCalls, 'dropsRights'>> {
  const { process: program, spec, procfs, seccomp } = ctx;
  const reportFd = reportFdOf(ctx);
  const prepare = lastCalls({
    process: program,
    procfs,
    reportFd,
    nofileLimit: ctx.nofileLimit,
    forks: ctx.joinsPidNamespace,
    appArmorDirectory: program.apparmorProfile ? appArmorDirectory(procfs) : undefined,
  });
  const calls = seccomp && filterComesLast(spec) ? seccompCalls(seccomp, reportFd) : [];
  const wantsLabel = program.apparmorProfile || program.selinuxLabel;
  return { prepare, calls, hasReportNumbers: true, keptFds: wantsLabel ? [procfs] : [] };
}
