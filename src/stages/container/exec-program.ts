import type { InitContext } from '../../lifecycle/context.ts';
import { appArmorDirectory } from '../../process/labels/lsm.ts';
import { buildTrampoline } from '../../process/trampoline/build-trampoline.ts';
import { execTrampoline } from '../../process/trampoline/exec-trampoline.ts';
import { inheritFds } from '../../process/trampoline/inherit-fds.ts';
import { lastCalls } from '../../process/trampoline/last-calls.ts';
import { getLimits } from '../../syscalls/rlimit.ts';

/** Becomes the program: takes back what Node changed of the process, then the trampoline follows. */
export function execProgram(ctx: InitContext): void {
  const { executable, environment, listenFds, options, procfs } = ctx;
  const reportFd = ctx.channel.fd;
  const image = buildTrampoline({
    calls: callsOf(ctx),
    exec: { path: executable, argv: ctx.process.args!, env: environment },
    reportFd,
  });
  const keep = wantsLabel(ctx) ? [reportFd, procfs] : [reportFd];
  inheritFds({ procfs, preserveFds: listenFds + options.preserveFds, keep });
  execTrampoline(image);
}

const wantsLabel = ({ process }: InitContext): boolean =>
  Boolean(process.apparmorProfile || process.selinuxLabel);

function callsOf(ctx: InitContext) {
  const { process: program, procfs, seccomp } = ctx;
  return lastCalls({
    process: program,
    procfs,
    reportFd: ctx.channel.fd,
    noFile: { soft: ctx.noFile, hard: getLimits(0, 'RLIMIT_NOFILE').hard },
    appArmorDirectory: program.apparmorProfile ? appArmorDirectory(procfs) : undefined,
    seccomp: program.noNewPrivileges ? seccomp : undefined,
  });
}
