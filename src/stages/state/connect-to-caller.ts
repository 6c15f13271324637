import { resolve } from 'node:path';
import { checkPreservedFds } from '../../caller/listen-fds.ts';
import { connectPidfdSocket } from '../../caller/pidfd-socket.ts';
import { PIDFD_RECEIVER, pidfdReceiver } from '../../config/crun-annotations.ts';
import type { ConfiguredContext, PreparedContext } from '../../context/context.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { checkTerminal, connectConsoleSocket } from '../../terminal/console-socket.ts';

type Supervised = Pick<PreparedContext, 'supervisor'>;

/**
 * Takes over the caller's terminal, or connects to the sockets where the caller waits. Runs once
 * the configuration is valid: that says which of these the process needs.
 */
export function connectToCaller(ctx: ConfiguredContext): Supervised {
  return connect(ctx, pidfdReceiver(ctx.spec));
}

/** The same for a process that `exec` makes: crun's annotation asks for init's pidfd alone. */
export function connectExecToCaller(ctx: ConfiguredContext): Supervised {
  return connect(ctx, undefined);
}

/** `receiver` is that of crun's annotation, below the bundle where it is relative. */
function connect(ctx: ConfiguredContext, receiver: string | undefined): Supervised {
  const { spec, options } = ctx;
  checkTerminal({
    terminal: spec.process?.terminal === true,
    detach: options.detach ?? true,
    consoleSocket: options.consoleSocket,
    connected: options.console !== undefined,
  });
  checkPreservedFds(ctx.listenFds, options.preserveFds, ctx.initParent.remote);
  const { atEnd, inherited } = ctx;
  const supervisor = ctx.supervise?.(ctx);
  const { consoleSocket, pidfdSocket } = options;
  if (options.console !== undefined) inherited.console = options.console;
  if (consoleSocket) inherited.console = atEnd.adopt(connectConsoleSocket(consoleSocket), closeFd);
  if (pidfdSocket) inherited.pidfd = atEnd.adopt(connectPidfdSocket(pidfdSocket), closeFd);
  else if (receiver) {
    const option = `annotations["${PIDFD_RECEIVER}"]`;
    const path = resolve(ctx.bundle, receiver);
    inherited.pidfd = atEnd.adopt(connectPidfdSocket(path, option), closeFd);
  }
  return { supervisor };
}
