import type { Process } from '../../config/types.ts';
import type { ConfiguredContext } from '../../context/context.ts';
import { reapOrphans } from '../../init/orphans.ts';
import type { Supervisor } from '../../init/supervisor.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { SOCK_STREAM, socketpair } from '../../syscalls/network/socket.ts';
import { pollOnEventLoop } from '../../syscalls/poll/poll-on-event-loop.ts';
import { CallerTerminal } from '../../terminal/caller-terminal.ts';
import { receiveTerminal } from '../../terminal/console-socket.ts';
import { Foreground, type ForegroundRequest } from '../../terminal/foreground.ts';
import { queueSignals } from '../../terminal/signal-queue.ts';
import type { UserTerminal } from '../../terminal/user-terminal.ts';
import { superviseByFront } from './supervise-by-front.ts';

/**
 * Prepares for the foreground before the fork: signals are queued from here on, by the front or by
 * this process. With a terminal, init gets davit's own socket in place of the caller's
 * --console-socket. The terminal is the caller's own, unless one is given.
 */
export function beginForeground(ctx: ConfiguredContext, given?: UserTerminal): Supervisor {
  const { spec, inherited, atEnd, initParent } = ctx;
  if (initParent.remote) return superviseByFront(initParent.remote);
  // Before the terminal, so that signals act again only once the terminal is restored.
  const signals = atEnd.use(queueSignals());
  const caller = spec.process?.terminal ? atEnd.use(given ?? CallerTerminal.find()) : undefined;
  const [ours, theirs] = caller ? socketpair(SOCK_STREAM) : [-1, -1];
  atEnd.adopt(ours, closeFd);
  const initsEnd = atEnd.use(new DisposableStack());
  initsEnd.adopt(theirs, closeFd);
  if (caller) {
    inherited.console = theirs;
    adoptSize(spec.process!, caller);
  }
  let master = -1;
  atEnd.defer(() => closeFd(master));
  return {
    takeTerminal() {
      if (!caller) return;
      initsEnd.dispose();
      master = receiveTerminal(ours);
      caller.attach(master);
    },
    wait(process, readiness) {
      const terminal = caller && { master, caller };
      // waitForeground closes it.
      master = -1;
      return waitForeground({ process, signals, terminal, readiness });
    },
  };
}

/**
 * Waits until the container's process ends, forwarding signals and the terminal, while plugins can
 * go on. Returns its exit status. Always restores the caller's terminal.
 */
export async function waitForeground(request: ForegroundRequest): Promise<number> {
  using foreground = new Foreground(request);
  using _ = reapOrphans(request.process.pid);
  for (;;) {
    await pollOnEventLoop(foreground.polled, foreground.prepare());
    const status = foreground.act();
    if (status !== undefined) return status;
  }
}

/** Sets the caller's size before the program starts, so that it never sees another. */
function adoptSize(program: Process, { size }: UserTerminal): void {
  if (size) program.consoleSize = { height: size.rows, width: size.columns };
}
