import { closeSync, constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import type { WalkContext } from '../../context/context.ts';
import { setsWithoutExec } from '../../process/capability-sets.ts';
import type { ProcessCall } from '../../syscalls/ffi/process-calls.ts';
import { O_PATH, openat } from '../../syscalls/files/file.ts';
import { TIOCSCTTY } from '../../syscalls/tty/tty.ts';
import {
  type CompiledWalk,
  NO_CALL_NUMBER,
  reportFdOf,
  stayUndumpable,
  takeName,
} from '../trampoline/become-trampoline.ts';
import { cString } from '../trampoline/blob.ts';
import { buildTrampoline, type Fd, type TrampolineCall } from '../trampoline/build-trampoline.ts';
import { capsetCall } from '../trampoline/capset-call.ts';
import { writeTrampoline } from '../trampoline/exec-trampoline.ts';
import { defaultSignals } from '../trampoline/signal-calls.ts';
import { ChildFds } from './child-fds.ts';
import { openOwnNamespace } from './open-own-namespace.ts';
import type { RemoteInit } from './remote-init.ts';
import { outliveParent, sendProgram } from './send-program.ts';

const { EACCES, EPERM } = osConstants.errno;
const { O_DIRECTORY } = constants;

/**
 * In the helper: gives init the trampoline. It brings init to where the helper is, then goes on with
 * the walk, and executes the program.
 */
export function handOver(ctx: WalkContext, remote: RemoteInit, walk: CompiledWalk): void {
  const { socket, programFd } = remote.child;
  const fds = new ChildFds(programFd + 1);
  const places = placesOf(ctx);
  const before = [
    ...arrivalCalls(ctx, remote, places),
    ...remote.calls.map((call) => replayed(call, ctx)),
    ...laterCalls(ctx, places),
  ];
  const later = new Set(fdsOf(walk.calls));
  const ofSetup = [...new Set(fdsOf(before))].filter((fd) => !later.has(fd));
  const done = ofSetup.map((fd): TrampolineCall => ({ syscall: 'close', arguments: [{ fd }] }));
  const image = buildTrampoline({
    calls: [
      ...[...before, ...done].map((call) => ({ ...call, index: NO_CALL_NUMBER })),
      ...walk.calls,
    ],
    exec: { path: ctx.executable, argv: ctx.process.args!, env: ctx.environment },
    reportFd: reportFdOf(ctx),
    answerFd: ctx.inherited.fifos?.turn ?? ctx.channel.fd,
    execIndex: walk.execIndex,
    fdNumber: (fd) => fds.numberOf(fd),
  });
  const program = writeTrampoline(image, ctx.trampoline, ctx.procfs);
  // If init has ended, the end of the channel tells so.
  sendProgram(socket, ctx.id, [program, ...fds.list]);
  // While the helper had this end open as well, the runtime would not notice that init is gone.
  closeSync(ctx.channel.fd);
  remote.leave();
}

/** Where the helper is: namespaces, root, working directory and stdio. */
function arrivalCalls(ctx: WalkContext, { join }: RemoteInit, places: Places): TrampolineCall[] {
  const { root, cwd } = places;
  return [
    takeName,
    ...undumpable(ctx),
    ...defaultSignals(),
    outliveParent,
    ...join.map(
      ({ fd, flag, configPath }): TrampolineCall => ({
        syscall: 'setns',
        arguments: [{ fd }, flag],
        configPath,
      }),
    ),
    { syscall: 'setsid', arguments: [], tolerated: EPERM },
    { syscall: 'fchdir', arguments: [{ fd: root }] },
    { syscall: 'chroot', arguments: [cString('.')] },
    enter(cwd),
    ...stdioCalls(ctx),
  ];
}

/** dup3(2) clears close-on-exec. The helper's stdio is passed under other numbers than 0, 1 and 2. */
function stdioCalls({ terminal, joinsPidNamespace }: WalkContext): TrampolineCall[] {
  const calls = [0, 1, 2].map(
    (fd): TrampolineCall => ({ syscall: 'dup3', arguments: [{ fd }, fd, 0] }),
  );
  // A process that joins a pid namespace leaves this to its child: enterPidNamespace.
  if (terminal === undefined || joinsPidNamespace) return calls;
  return [
    ...calls,
    { syscall: 'ioctl', arguments: [0, TIOCSCTTY, 0], configPath: 'process.terminal' },
  ];
}

/** Changed credentials may have made init dumpable. */
const laterCalls = (ctx: WalkContext, { cwd }: Places): TrampolineCall[] => [
  enter(cwd),
  ...loseCapabilities(ctx),
  ...undumpable(ctx),
];

/** Other processes of the container may see the trampoline: it has no more rights than the program. */
function loseCapabilities({ process: { user } }: WalkContext): TrampolineCall[] {
  if (user.uid === 0) return [];
  return [capsetCall(setsWithoutExec(user.uid))];
}

/** Where root may not enter the directory, the user may, and the other way round. */
const enter = (cwd: number): TrampolineCall => ({
  syscall: 'fchdir',
  arguments: [{ fd: cwd }],
  tolerated: EACCES,
});

/** O_PATH fds of the helper's directories. */
interface Places {
  root: number;
  cwd: number;
}

/** Through procfs, as the user may not search its working directory. */
function placesOf({ procfs }: WalkContext): Places {
  const open = (name: string) => openat(procfs, `thread-self/${name}`, O_PATH | O_DIRECTORY);
  return { root: open('root'), cwd: open('cwd') };
}

const undumpable = ({ unprivileged }: WalkContext): TrampolineCall[] =>
  unprivileged ? [] : [stayUndumpable];

/** A call of the helper, as init makes it. */
function replayed({ syscall, arguments: given }: ProcessCall, ctx: WalkContext): TrampolineCall {
  // What the helper has made, init joins.
  if (syscall === 'unshare') return joinOwn(given[0] as number, ctx);
  return {
    syscall,
    arguments: given.map((argument) => {
      if (argument === null) return 0;
      if (typeof argument === 'string') return cString(argument);
      return argument instanceof Uint8Array ? { bytes: argument } : argument;
    }),
  };
}

function joinOwn(flag: number, { procfs }: WalkContext): TrampolineCall {
  return { syscall: 'setns', arguments: [{ fd: openOwnNamespace(procfs, flag) }, flag] };
}

const fdsOf = (calls: readonly TrampolineCall[]): number[] =>
  calls.flatMap((call) => call.arguments.filter(isFd).map(({ fd }) => fd));

const isFd = (argument: TrampolineCall['arguments'][number]): argument is Fd =>
  typeof argument === 'object' && 'fd' in argument;
