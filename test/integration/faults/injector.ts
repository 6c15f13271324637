import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno } from '../../../src/errors/syscall-error.ts';
import { fork } from '../../../src/init/fork/fork.ts';
import { declare } from '../../../src/syscalls/ffi/libc.ts';
import { stringArray } from '../../../src/syscalls/ffi/string-array.ts';
import { dup2 } from '../../../src/syscalls/files/file.ts';
import { pipe2 } from '../../../src/syscalls/files/pipe.ts';
import { POLLHUP, POLLIN, poll } from '../../../src/syscalls/poll/poll.ts';
import {
  SECCOMP_FILTER_FLAG_NEW_LISTENER,
  seccompSetFilter,
} from '../../../src/syscalls/rights/seccomp-filter.ts';
import {
  answerNotif,
  type NotifAnswer,
  receiveNotif,
  type SeccompNotif,
} from '../../../src/syscalls/rights/seccomp-notify.ts';
import { setSignalMask } from '../../../src/syscalls/signal/signals.ts';
import { pidfdGetfd } from '../../../src/syscalls/task/pidfd.ts';
import { waitpid } from '../../../src/syscalls/task/process.ts';
import { closeThere } from './close-there.ts';
import { notifyFilter } from './notify-filter.ts';
import { numberOf } from './syscall-numbers.ts';
import { detailOf, threadFlag } from './system-call.ts';

/** Names one system call: the n-th call of that number in a process. */
export interface Call {
  /** 0 is the command itself, 1 the first process that any of its processes makes, and so on. */
  process: number;
  /** The system call's number. */
  nr: number;
  /** Counted from 1. */
  nth: number;
}

export interface SeenCall extends Call {
  /** A path or another argument that identifies the call. */
  detail: string;
}

export interface InjectorOptions {
  argv: readonly [string, ...string[]];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** The call that fails, and its errno. If absent, every call is recorded. */
  fault?: (Call & { errno: number }) | undefined;
}

const CLOSE = numberOf('close');
/** System calls that make processes or threads. */
const CLONES = ['clone', 'clone3', 'fork', 'vfork'].map(numberOf);

const nativeExecve = declare<[string, Uint8Array, Uint8Array]>(
  'int execve(const char *path, const void *argv, const void *envp)',
);

/**
 * Runs a command under a seccomp filter whose listener is this process. The listener lets every
 * system call through, except one that it makes fail. That call may be made by the command or by
 * any process that the command makes. This process forks itself, so it must run with davit's Node
 * flags.
 */
export class Injector {
  readonly seen: SeenCall[] = [];
  /** Whether the call that must fail was made. */
  reached = false;
  /** The command's exit status as a shell shows it; undefined while the command runs. */
  status: number | undefined;
  readonly pid: number;
  readonly #pidfd: number;
  readonly #listener: number;
  readonly #output: readonly [number, number];
  readonly #options: InjectorOptions;
  readonly #processes = new Map<number, number | undefined>();
  readonly #counts = new Map<string, number>();
  #clones = 0;
  #listening = true;

  constructor(options: InjectorOptions) {
    this.#options = options;
    this.#output = [scratchFile(), scratchFile()];
    const { fault } = options;
    const filter = notifyFilter(fault && [fault.nr, ...CLONES.filter((nr) => nr >= 0)]);
    const [tellEnd, toldEnd] = pipe2().reverse() as [number, number];
    const [waitEnd, goEnd] = pipe2();
    const { pid, pidfd } = fork(0, () => this.#become(filter, tellEnd, waitEnd));
    this.pid = pid;
    this.#pidfd = pidfd;
    const number = Buffer.alloc(4);
    readSync(toldEnd, number);
    this.#listener = takeFd(pidfd, number.readUInt32LE());
    writeSync(goEnd, 'x');
    for (const fd of [tellEnd, toldEnd, waitEnd, goEnd]) closeSync(fd);
  }

  #become(filter: Buffer, tellEnd: number, waitEnd: number): void {
    const { argv, env, cwd } = this.#options;
    process.chdir(cwd);
    const nothing = openSync('/dev/null', 'r');
    for (const [to, from] of [nothing, ...this.#output].entries()) dup2(from, to);
    const strings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const [args, environment] = [stringArray(argv), stringArray(strings)];
    setSignalMask(Buffer.alloc(128));
    const number = Buffer.alloc(4);
    // The next fd to be opened gets this number: it will be the listener.
    const free = openSync('/dev/null', 'r');
    closeSync(free);
    number.writeUInt32LE(free);
    writeSync(tellEnd, number);
    seccompSetFilter(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER);
    readSync(waitEnd, number);
    nativeExecve(argv[0], args, environment);
  }

  /**
   * Serves calls until the command ends. Returns false if it still runs after `limit` milliseconds.
   */
  finish(limit: number): boolean {
    const deadline = Date.now() + limit;
    while (this.status === undefined && Date.now() < deadline) this.#serve(50);
    return this.status !== undefined;
  }

  /** Serves calls of processes that the command left running, until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const end = () => {
      done = true;
    };
    work.then(end, end);
    while (!done) {
      this.#serve(0);
      await sleep(1);
    }
    return work;
  }

  get stdout(): string {
    return text(this.#output[0]);
  }

  get stderr(): string {
    return text(this.#output[1]);
  }

  /**
   * Kills the command if it still runs. In processes that it left running, every filtered call
   * fails from now on.
   */
  close(): void {
    if (this.status === undefined) {
      process.kill(this.pid, 'SIGKILL');
      waitpid(this.pid);
    }
    for (const fd of [this.#pidfd, this.#listener, ...this.#output]) closeSync(fd);
  }

  #serve(timeout: number): void {
    const call = { fd: this.#listening ? this.#listener : -1, events: POLLIN, revents: 0 };
    const end = { fd: this.status === undefined ? this.#pidfd : -1, events: POLLIN, revents: 0 };
    poll([call, end], timeout);
    if (call.revents & POLLIN) this.#answer();
    // No process has the filter any more.
    else if (call.revents & POLLHUP) this.#listening = false;
    else if (end.revents & POLLIN) this.status = waitpid(this.pid);
  }

  #answer(): void {
    try {
      const notif = receiveNotif(this.#listener);
      answerNotif(this.#listener, notif.id, this.#decide(notif));
    } catch (error) {
      // The process was killed before the answer.
      if (!hasErrno(error, 'ENOENT')) throw error;
    }
  }

  #decide(notif: SeccompNotif): NotifAnswer {
    const { nr, pid } = notif;
    const number = this.#processOf(pid);
    if (number === undefined) return 'continue';
    if (CLONES.includes(nr) && !threadFlag(notif)) this.#clones++;
    const key = `${number} ${nr}`;
    const nth = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, nth);
    const { fault } = this.#options;
    if (!fault) {
      this.seen.push({ process: number, nr, nth, detail: detailOf(notif) });
      return 'continue';
    }
    if (fault.process !== number || fault.nr !== nr || fault.nth !== nth) return 'continue';
    this.reached = true;
    if (nr === CLOSE) closeThere(this.#listener, notif);
    return { errno: fault.errno };
  }

  /** The number of the process whose first thread is `tid`; undefined for Node's other threads. */
  #processOf(tid: number): number | undefined {
    if (!this.#processes.has(tid)) {
      const first = new RegExp(`^Tgid:\\t${tid}$`, 'm').test(statusOf(tid));
      const taken = [...this.#processes.values()];
      let number = this.#clones;
      while (taken.includes(number)) number++;
      this.#processes.set(tid, first ? number : undefined);
    }
    return this.#processes.get(tid);
  }
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

/** Takes the child's fd as soon as the child has opened it. */
function takeFd(pidfd: number, fd: number): number {
  for (;;) {
    try {
      return pidfdGetfd(pidfd, fd);
    } catch (error) {
      if (!hasErrno(error, 'EBADF')) throw error;
    }
  }
}

function scratchFile(): number {
  const path = join(tmpdir(), `injector-${process.pid}-${Math.random()}`);
  const fd = openSync(
    path,
    constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND,
  );
  rmSync(path);
  return fd;
}

function text(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  readSync(fd, bytes, 0, bytes.length, 0);
  return bytes.toString();
}
