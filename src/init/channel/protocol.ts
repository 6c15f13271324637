import type { NamespaceType } from '../../config/names/namespace-types.ts';
import type { MountRun } from '../../context/mount-run.ts';

/*
 * How runtime and init talk: one SOCK_SEQPACKET pair, one JSON object a packet (wire.ts).
 *
 * Both go through the one list of stages (lifecycle/stages.ts) and take turns at it. init's side is
 * walk.ts; the runtime's is lifecycle/init-turns.ts:
 *
 *     runtime                                    init
 *       forks init, in its namespaces
 *       ◀────────────────────────────── ready ──   waits for its turn
 *       runtime stages: id maps, cgroup …
 *       ── turn ─────────────────────────────────▶ container stages: mounts, devices …
 *       ◀──────────────────── stage, for each ──
 *       ◀─────────────────────────────── turn ──
 *       runtime stages: hooks …
 *       ── turn ─────────────────────────────────▶ …
 *
 * `davit create` ends with a runtime stage and closes its end without giving the turn back. init
 * then waits on its notify socket; `davit start` connects and the same turns go on over that
 * connection, until
 *
 *       ◀────────────────────────────── exec ───  the next thing is the system call
 *       ◀──────────────── end of the connection   close-on-exec: the program runs
 *                or 8 bytes: ExecFailure          it does not, and why
 *       ── text, or the end of the connection ─▶  what it writes to stderr before it ends
 *
 * Before that, the notify socket also answers `davit exec` of a user who may not open the files of
 * init's /proc/PID/ns:
 *
 *     ── namespaces ───────────────────────────▶
 *     ◀──────────────────────────── namespaces     with an fd for each
 *
 * Where a stage's events have a listener, init announces the stage; where a plugin intercepts it,
 * init waits for consent:
 *
 *       ◀──────────────────────────── before ───
 *       ── proceed, or the end of the connection ▶   (only when it `asks`)
 *
 * The same follows a `stage` that `asks`. Where a plugin has a function inside init:
 *
 *       ◀────────────────────────────── call ───
 *       ◀──────────────────────────── called ───     within the plugin's time
 *
 * A hook that init runs gets a span of the runtime's:
 *
 *       ◀────────────────────────────── hook ───
 *       ── trace ──────────────────────────────▶     its TRACEPARENT
 *       ◀──────────────────────────── hooked ───
 *
 * A seccomp filter with a listener is reported when it is installed, by init or its last program:
 *
 *       ◀── 8 bytes: 0 − the listener's fd ──────
 *       ── proceed: it has been handed on ───────▶
 *
 * A process that joins a pid namespace walks the list outside of the namespace. A child in the
 * namespace goes on, which has neither Node's memory nor its executable
 * (stages/namespaces/enter-pid-namespace.ts):
 *
 *       ◀── 8 bytes: BORN, 0 − the child's pid ──   the last packet of the parent
 *       ── proceed ──────────────────────────────▶  to the child
 *
 * init reports a failure (`failure`) and ends; init also ends when the connection ends.
 */

/** What the runtime sends to init. `proceed` is consent, or the answer to a TrampolineReport. */
export type RuntimeMessage =
  | { type: 'turn' }
  | { type: 'proceed' }
  | TraceMessage
  | { type: 'namespaces' };

/** What init sends to the runtime. */
export type InitMessage =
  | { type: 'ready' }
  | WalkMessage
  | HookMessage
  | HookedMessage
  | NamespacesMessage;

/** What the walk of the stages tells (walk.ts). */
export type WalkMessage =
  | { type: 'turn' }
  | BeforeMessage
  | StageMessage
  | MountMessage
  | CallMessage
  | CalledMessage
  | ExecMessage
  | FailureMessage;

/** What machine code reports, which knows no JSON. */
export type TrampolineReport = ExecFailure | SeccompListener | Born;

/** init is about to run a container stage. */
interface BeforeMessage {
  type: 'before';
  stage: string;
  /** init waits for consent. */
  asks: boolean;
}

/**
 * A container stage that has run. Times are CLOCK_MONOTONIC nanoseconds. A trampoline has no clock:
 * in place of absent times, the runtime takes the begin and end of its own wait.
 */
interface StageMessage {
  type: 'stage';
  stage: string;
  /** init waits for consent to go on. */
  asks: boolean;
  begin: bigint | undefined;
  end: bigint | undefined;
}

/** The stage that runs has made a mount, which took long; times as in {@link StageMessage}. */
export interface MountMessage extends MountRun {
  type: 'mount';
}

/** init is about to call a plugin's function; `begin` as in {@link StageMessage}. */
export interface CallMessage {
  type: 'call';
  plugin: string;
  /** `inContainer.before`. */
  call: string;
  /** Milliseconds. */
  timeout: number;
  begin: bigint;
}

interface CalledMessage {
  type: 'called';
  end: bigint;
}

/** init is about to run a hook's program. */
export interface HookMessage {
  type: 'hook';
  /** `createContainer[0]`. */
  name: string;
  path: string;
}

/** The hook's variables of the trace. */
interface TraceMessage {
  type: 'trace';
  environment: Readonly<Record<string, string>>;
}

/** The hook has ended; times as in {@link StageMessage}. */
export interface HookedMessage {
  type: 'hooked';
  begin: bigint;
  end: bigint;
  error?: unknown;
}

/** init's last message, before its program; `begin` as in {@link StageMessage}. */
interface ExecMessage {
  type: 'exec';
  stage: string;
  begin: bigint | undefined;
}

/** A stage has failed, and init ends; times as in {@link StageMessage}. */
export interface FailureMessage {
  type: 'failure';
  stage: string;
  begin: bigint;
  end: bigint;
  error: unknown;
}

export interface NamespacesMessage {
  type: 'namespaces';
  /** The types of its fds, in their order. */
  types: NamespaceType[];
}

/** A trampoline's failure: which of its calls, and the errno. */
export interface ExecFailure {
  type: 'exec-failure';
  call: number;
  errno: number;
}

/** A seccomp listener that init holds: the runtime takes it, then answers. */
interface SeccompListener {
  type: 'seccomp-listener';
  /** init's fd. */
  fd: number;
}

/** The child that goes on in the pid namespace, in place of the process that reports it. */
interface Born {
  type: 'born';
  /** In the runtime's pid namespace. */
  pid: number;
}

/**
 * The size of a {@link TrampolineReport}: two little-endian int32, the call's index and the errno
 * that it failed with. In place of the errno of a call that succeeded, the negated result.
 */
export const REPORT_SIZE = 8;

/** In a report, in place of a call's index: a child was born. */
export const BORN = -0x80000000;

/** The longest packet. */
export const MAX_PACKET = 64 * 1024;
