import { closeSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import type { Hook } from '../../config/types.ts';
import { failedWith } from '../../errors/syscall-error.ts';
import { strsignal } from '../../syscalls/libc.ts';
import { monotonicMs } from '../../syscalls/monotonic.ts';
import { pidfdOpen, pidfdSendSignal } from '../../syscalls/pidfd.ts';
import { pipe2 } from '../../syscalls/pipe.ts';
import { POLLHUP, POLLIN, poll } from '../../syscalls/poll.ts';
import { waitpid } from '../../syscalls/process.ts';
import { spawn } from '../../syscalls/spawn.ts';

const { SIGKILL } = constants.signals;
/** How much of a hook's output an error shows. */
const OUTPUT_LIMIT = 4096;
/** After the hook ended, what it left in the pipe is read for this long: a child of its may keep it open. */
const DRAIN_MS = 10;

/**
 * Runs one hook with the state on its stdin (config.md, Hooks) and waits for it. Works in init as in
 * the runtime. Throws when it cannot be started, fails, or outlasts its timeout, with its last output.
 */
export function runHook(hook: Hook, stdin: string, env: readonly string[]): void {
  const [inputEnd, input] = pipe2();
  const [output, outputEnd] = pipe2();
  let pid: number;
  try {
    pid = spawn({
      path: hook.path,
      argv: hook.args?.length ? hook.args : [hook.path],
      env,
      fds: [
        [inputEnd, 0],
        [outputEnd, 1],
        [outputEnd, 2],
      ],
    });
  } catch (error) {
    closeSync(input);
    closeSync(output);
    throw error;
  } finally {
    closeSync(inputEnd);
    closeSync(outputEnd);
  }
  feed(input, stdin);
  const { text, timedOut } = collect(pid, output, hook.timeout);
  const status = waitpid(pid)!;
  if (timedOut)
    throw new Error(
      `hook ran past specified timeout of ${hook.timeout!.toFixed(1)}s${shown(text)}`,
    );
  if (status !== 0) throw new Error(`${statusText(status)}${shown(text)}`);
}

/** A state is smaller than a pipe; a hook that does not read it loses nothing. */
function feed(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch (error) {
    if (!failedWith(error, 'EPIPE')) throw error;
  } finally {
    closeSync(fd);
  }
}

function collect(
  pid: number,
  output: number,
  timeout: number | undefined,
): { text: string; timedOut: boolean } {
  const pidfd = pidfdOpen(pid);
  const deadline = timeout === undefined ? undefined : monotonicMs() + timeout * 1000;
  const chunk = Buffer.alloc(OUTPUT_LIMIT);
  const process = { fd: pidfd, events: POLLIN, revents: 0 };
  const pipe = { fd: output, events: POLLIN, revents: 0 };
  let text = '';
  let timedOut = false;
  try {
    for (;;) {
      const left = deadline === undefined ? -1 : Math.max(0, Math.ceil(deadline - monotonicMs()));
      const ready = poll([process, pipe], process.fd === -1 ? DRAIN_MS : left);
      if (ready === 0) {
        if (process.fd === -1) break;
        timedOut = true;
        pidfdSendSignal(pidfd, SIGKILL);
        break;
      }
      if (pipe.revents & (POLLIN | POLLHUP)) {
        const length = readSync(output, chunk);
        if (length === 0) pipe.fd = -1;
        text = (text + chunk.toString('utf8', 0, length)).slice(-OUTPUT_LIMIT);
      }
      if (process.revents & POLLIN) process.fd = -1;
      if (process.fd === -1 && pipe.fd === -1) break;
    }
  } finally {
    closeSync(pidfd);
    closeSync(output);
  }
  return { text, timedOut };
}

const statusText = (status: number): string =>
  status > 128 ? `signal: ${strsignal(status - 128)}` : `exit status ${status}`;

const shown = (text: string): string => (text.trim() ? `, output: ${text.trim()}` : '');
