import type { RuntimeContext } from '../../context/context.ts';
import { toPacket } from '../../init/channel/wire.ts';
import {
  becomeRelease,
  failureFile,
  prepareRelease,
  type Release,
} from '../../init/release-init.ts';
import { isTrampoline } from '../../init/trampoline/trampoline-name.ts';
import { programStages } from '../../lifecycle/stages.ts';
import { usesNotify } from '../../seccomp/notify.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';
import { isAvailable } from '../../syscalls/ffi/newer-calls.ts';
import { monotonicNs } from '../../syscalls/time/monotonic.ts';
import { endSession } from '../session/in-session.ts';
import type { Session } from '../session/session.ts';
import { replacementAfterRelease } from './released-start.ts';

/**
 * True when all that is left of `start` is to let init execute its program, and nothing else takes
 * part: no hooks, plugins, service manager or seccomp agent.
 */
function isLast(session: Session, ctx: RuntimeContext): boolean {
  const stages = programStages.filter((stage) => !stage.applies || stage.applies(ctx));
  const { seccomp } = ctx.spec.linux ?? {};
  return (
    ctx.detached &&
    session.restart !== undefined &&
    ctx.readiness === undefined &&
    stages.every(({ side, name }) => side === 'container' && !session.bus.needsRuntimeAt(name)) &&
    stages.length === 2 &&
    !(seccomp && usesNotify(seccomp)) &&
    isTrampoline(ctx.record.initPid) &&
    isAvailable('execveat') &&
    isAvailable('memfd_create')
  );
}

/**
 * Ends the command before init executes its program, if possible: stores the trace, frees Node's
 * memory, and replaces this process with a few hundred bytes of machine code that release init.
 * Callers take a container for started when `start` ends, so they hear of it before the program has
 * done much, as with runc and crun. Returns if that is not possible.
 */
export async function release(session: Session, ctx: RuntimeContext): Promise<void> {
  if (!isLast(session, ctx)) return;
  const now = monotonicNs();
  const exec = session.spans.start('exec', now);
  const failure = failureFile();
  const channel = ctx.channel!;
  const { input, output } = { input: channel.fd, output: channel.out };
  const released: Release = {
    channel,
    failure,
    turn: toPacket({ type: 'turn' }),
    replacement: replacementAfterRelease(session.restart!, {
      input,
      output,
      failure,
      exec: exec.spanContext(),
    }),
  };
  const file = prepareRelease(released);
  removeNotifySocket(ctx.stateDir);
  // No process is left to measure these stages: their spans end when init is released.
  const times = { start: now, end: now, side: 'container' as const };
  session.spans.record('startWait', times);
  session.spans.end(exec, times);
  await endSession(session, {});
  becomeRelease(file, released);
}
