import {
  becomeRelease,
  failureFile,
  prepareRelease,
  type Release,
} from '../../init/release-init.ts';
import { isTrampoline } from '../../init/trampoline/trampoline-name.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { startStages } from '../../lifecycle/stages.ts';
import { usesNotify } from '../../seccomp/notify.ts';
import { removeNotifySocket } from '../../state/notify-socket.ts';
import { isAvailable } from '../../syscalls/ffi/newer-calls.ts';
import { endSession } from '../session/in-session.ts';
import type { Session } from '../session/session.ts';
import { successorOf } from './released-start.ts';

/**
 * True where nothing is left of `start` but to let init execute its program, and nobody listens: no
 * hooks, no plugins, no service manager, no seccomp agent.
 */
function isLast(session: Session, ctx: RuntimeContext): boolean {
  const stages = startStages.filter((stage) => !stage.applies || stage.applies(ctx));
  const { seccomp } = ctx.spec.linux ?? {};
  return (
    ctx.detached &&
    session.restart !== undefined &&
    ctx.readiness === undefined &&
    stages.every(({ side, name }) => side === 'container' && !session.bus.follows(name)) &&
    stages.length === 2 &&
    !(seccomp && usesNotify(seccomp)) &&
    isTrampoline(ctx.record.initPid) &&
    isAvailable('execveat') &&
    isAvailable('memfd_create')
  );
}

/**
 * Ends the command before init executes its program, where it can: stores the trace, gives Node's
 * memory back, and becomes a few hundred bytes that let init go. So callers, who take a container for
 * started when `start` has ended, hear of it before the program has done much: runc's and crun's end
 * at about the same moment. Returns where that is not possible.
 */
export async function release(session: Session, ctx: RuntimeContext): Promise<void> {
  if (!isLast(session, ctx)) return;
  const now = process.hrtime.bigint();
  const exec = session.spans.start('exec', now);
  const failure = failureFile();
  const channel = ctx.channel!;
  const { input, output } = { input: channel.fd, output: channel.out };
  const released: Release = {
    ...{ channel, failure, turn: JSON.stringify({ type: 'turn' }) },
    successor: successorOf(session.restart!, {
      ...{ input, output, failure, exec: exec.spanContext() },
    }),
  };
  const file = prepareRelease(released);
  removeNotifySocket(ctx.stateDir);
  // Nobody is there to measure them: they begin, and for this command end, when init is released.
  const times = { start: now, end: now, side: 'container' as const };
  session.spans.record('startWait', times);
  session.spans.end(exec, times);
  await endSession(session, {});
  becomeRelease(file, released);
}
