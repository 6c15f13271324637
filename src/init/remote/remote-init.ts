import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { openPrivateProcfs } from '../../rootfs/procfs.ts';
import { type ProcessCall, recordProcessCalls } from '../../syscalls/ffi/process-calls.ts';
import { closeFd } from '../../syscalls/files/close-fd.ts';
import { dup2, umask } from '../../syscalls/files/file.ts';
import { SOCK_SEQPACKET, socketpair } from '../../syscalls/network/socket.ts';
import { blockSignals, setSignalMask } from '../../syscalls/signal/signals.ts';
import { Switch } from '../../syscalls/switch/switch.ts';
import { CLONE_NEWPID, CLONE_NEWTIME, setns } from '../../syscalls/task/namespaces.ts';
import { pidfdSendSignal } from '../../syscalls/task/pidfd.ts';
import { isDumpable, setDumpable } from '../../syscalls/task/prctl.ts';
import { waitpid } from '../../syscalls/task/process.ts';
import { type JoinedNamespace, joinAll, type NamespacePlan } from '../fork/join.ts';
import type { RemoteChild, RemoteParent } from '../parent/init-parent.ts';
import type { SharedThread } from '../shared/shared-channel.ts';
import { forgetWorkingDirectory } from '../shared/shared-init.ts';
import { joinOf, sendJoin } from './join-now.ts';

const { SIGKILL } = constants.signals;

/** Namespaces that only init itself enters: it is visible there, and its helper must not be. */
const INITS_ALONE = CLONE_NEWPID | CLONE_NEWTIME;

/**
 * A helper that runs the container stages for an init that is another process's child. The helper
 * shares the server's memory, as SharedInit does, and is in the namespaces of init, except its pid
 * namespace: no process of the container sees the helper. It has its own fds, credentials and working
 * directory. What it changes of itself, init's trampoline changes again of init: `calls`.
 */
export class RemoteInit implements SharedThread {
  readonly child: RemoteChild;
  #join: readonly JoinedNamespace[] = [];
  #calls: ProcessCall[] = [];
  readonly #switch: Switch;
  readonly #switchEnd: number;
  /** PR_SET_DUMPABLE of the helper. It belongs to the memory: the server has its own back meanwhile. */
  #dumpable: boolean;
  #left = false;
  #ended = false;
  #procfs = -1;

  /**
   * `stdio` becomes init's fds 0, 1 and 2. If the helper is killed in its turn, the server executes its
   * replacement, or else prints `lossMessage` and ends.
   */
  constructor(
    plan: NamespacePlan,
    child: RemoteChild,
    { umask, replacement }: RemoteParent,
    stdio: readonly number[],
    lossMessage: string,
  ) {
    this.child = child;
    this.#dumpable = !plan.undumpable;
    const [server, helper] = socketpair(SOCK_SEQPACKET);
    this.#switchEnd = server;
    this.#switch = new Switch(server, helper);
    this.#switch.prepareForLoss(lossMessage, replacement);
    const mask = blockSignals();
    try {
      this.#switch.clone(0, plan.cgroup);
      this.#inHelper(() => {
        closeSync(server);
        this.#enter(plan, umask, stdio);
      });
    } catch (error) {
      this.end();
      throw error;
    } finally {
      setSignalMask(mask);
      closeSync(helper);
    }
  }

  /** Namespaces that init was not born in, and has not joined. */
  get join(): readonly JoinedNamespace[] {
    return this.#join;
  }

  /**
   * System calls by which the helper has changed itself since it is in its namespaces, and which init
   * has not made.
   */
  get calls(): readonly ProcessCall[] {
    return this.#calls;
  }

  /** False once init has got its trampoline, or the helper has ended. */
  get shares(): boolean {
    return !this.#left && this.#switch.shared;
  }

  /** In the helper: a procfs of the host's pid namespace. */
  get procfs(): number {
    return this.#procfs;
  }

  /** Runs `action` as the helper, as SharedInit.run does. */
  run(action: () => void): boolean {
    const mask = blockSignals();
    try {
      if (!this.#switch.toInit()) return false;
      this.#inHelper(() => recordProcessCalls(this.#calls, action));
      return true;
    } finally {
      setSignalMask(mask);
    }
  }

  /**
   * Has init join what the helper has joined by now: namespaces and cgroups. Otherwise init does so
   * with its trampoline. Returns how many answers of the child to check: {@link checkJoined}.
   */
  joinNow(): number {
    let joins = 0;
    this.run(() => {
      joins = this.#sendJoins();
    });
    return joins;
  }

  /**
   * In the helper, once init has its trampoline: the helper does nothing more. It stays until `end`, as
   * init joins its session keyring by name.
   */
  leave(): void {
    this.#left = true;
  }

  /** Ends the helper. To be called when init has joined what the helper has, or has ended. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    closeFd(this.#switchEnd);
    const { pid, pidfd } = this.#switch;
    if (pid <= 0) return;
    pidfdSendSignal(pidfd, SIGKILL);
    waitpid(pid);
    closeSync(pidfd);
  }

  /** Returns how many were sent. */
  #sendJoins(): number {
    const joins = this.#calls.map((call) => joinOf(call, this.#procfs));
    const all = [...this.#join, ...joins.filter((join) => join !== undefined)];
    for (const join of all) sendJoin(this.child, join);
    this.#join = [];
    this.#calls = this.#calls.filter((_, i) => joins[i] === undefined);
    return all.length;
  }

  #enter({ create, join }: NamespacePlan, mask: number, stdio: readonly number[]): void {
    for (const [to, fd] of stdio.entries()) dup2(fd, to);
    umask(mask);
    this.#procfs = openPrivateProcfs();
    const born = create & ~INITS_ALONE;
    if (born !== 0) setns(this.child.pidfd, born);
    const isForInit = ({ flag }: JoinedNamespace) => (flag & INITS_ALONE) !== 0;
    const joined = joinAll(join.filter((namespace) => !isForInit(namespace)));
    this.#join = [...joined, ...join.filter(isForInit)];
  }

  #inHelper(action: () => void): void {
    const dumpable = isDumpable();
    setDumpable(this.#dumpable);
    try {
      action();
    } finally {
      this.#dumpable = isDumpable();
      if (this.#switch.shared) this.#switch.toRuntime();
      setDumpable(dumpable);
      forgetWorkingDirectory();
    }
  }
}
