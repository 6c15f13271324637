import { resolve } from 'node:path';
import { connectPidfdSocket } from '../../caller/pidfd-socket.ts';
import { PIDFD_RECEIVER, pidfdReceiver } from '../../config/crun-annotations.ts';
import type { RuntimeContext } from '../../lifecycle/context.ts';
import { checkTerminal, connectConsoleSocket } from '../../terminal/console-socket.ts';

/**
 * Takes the terminal that the caller lends, or connects to the sockets where the caller waits. Runs
 * once the configuration is valid: that says which of these the process needs.
 */
export function connectToCaller(ctx: RuntimeContext): void {
  const { spec, options } = ctx;
  checkTerminal({
    terminal: spec.process?.terminal === true,
    detach: options.detach ?? true,
    consoleSocket: options.consoleSocket,
  });
  ctx.supervisor = ctx.supervise?.(ctx);
  connectSockets(ctx, pidfdReceiver(spec));
}

/** `receiver` is the socket of crun's annotation; a relative path is below the bundle. */
export function connectSockets(ctx: RuntimeContext, receiver?: string): void {
  const { consoleSocket, pidfdSocket } = ctx.options;
  if (consoleSocket) ctx.inherited.console = connectConsoleSocket(consoleSocket);
  if (pidfdSocket) ctx.inherited.pidfd = connectPidfdSocket(pidfdSocket);
  else if (receiver) {
    const option = `annotations["${PIDFD_RECEIVER}"]`;
    ctx.inherited.pidfd = connectPidfdSocket(resolve(ctx.bundle, receiver), option);
  }
}
