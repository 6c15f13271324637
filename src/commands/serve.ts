import { basename } from 'node:path';
import { DavitCommand } from '../cli/command.ts';
import { flag, text } from '../cli/flags.ts';
import { UsageError } from '../cli/usage-error.ts';
import { parseDuration } from '../cli/values/duration.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { inheritStdio } from '../init/trampoline/inherit-fds.ts';
import { codeDirectory } from '../own-files.ts';
import { listenAt, listenOnPassed } from '../server/listen.ts';
import { liveLong } from '../server/long-life.ts';
import {
  executeInstalled,
  installedFront,
  isReplaced,
  startedAnew,
} from '../server/newer-build.ts';
import { Server } from '../server/server.ts';
import { socketPath } from '../server/socket-path.ts';
import { umask } from '../syscalls/files/file.ts';
import { setDumpable } from '../syscalls/task/prctl.ts';

export default class Serve extends DavitCommand {
  static override repeatable = true;
  static override description = `run other davit commands, which then start faster

Listens at $DAVIT_SERVER, else at /run/davit/server.sock for root and
at $XDG_RUNTIME_DIR/davit/server.sock for others, or on the socket that
systemd passes. Every davit of the same user and the same namespaces
asks it; what it cannot do, they do themselves.`;
  static override operands = { min: 0, max: 0 };
  static override flags = {
    'idle-timeout': text('end after that long without a command, as 10m (never unless given)'),
    'until-eof': flag('end when standard input ends'),
    status: flag('print what the server that runs has done, and how fast'),
  };

  protected override async ownProcess(): Promise<string | undefined> {
    const { flags } = await this.parse(Serve);
    return flags.status ? undefined : 'a server runs already';
  }

  async run(): Promise<undefined> {
    const { flags } = await this.parse(Serve);
    const { environment, server: running, stdout } = this.invocation;
    if (flags.status) {
      if (!running)
        throw new RuntimeError(`no server runs at ${socketPath(environment)} for this caller`);
      stdout.write(running.status());
      return;
    }
    const idleTimeout = readTimeout(flags['idle-timeout']);
    liveLong(this.invocation);
    // Root's helpers share its memory. A process with CAP_SYS_PTRACE in a helper's user namespace must
    // not reach it. An ordinary user's helper writes files of its own in /proc.
    if (process.geteuid!() === 0) setDumpable(false);
    const told = new AbortController();
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => told.abort());
    if (flags['until-eof']) process.stdin.once('end', () => told.abort()).resume();
    const listening = listenOnPassed(environment) ?? listenAt(socketPath(environment));
    umask(0o022);
    const replacement = startedAnew(this.invocation, listening);
    if (replacement) inheritStdio();
    const server = new Server({
      replacement,
      ...{ listening, idleTimeout, environment, until: told.signal },
      // A command that a server runs has not got here: ownProcess.
      run: this.invocation.process!.run,
      build: basename(codeDirectory),
      davit: [installedFront()],
      isReplaced,
    });
    if (await server.run()) executeInstalled(this.invocation, listening);
  }
}

function readTimeout(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const timeout = parseDuration(given);
  if (timeout !== undefined && timeout > 0) return timeout;
  throw new UsageError(`invalid --idle-timeout ${JSON.stringify(given)}: a time such as 10m`);
}
