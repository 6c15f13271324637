import { CONTAINER_STATUSES } from '../config/names/container-statuses.ts';
import type { MountRun } from '../context/mount-run.ts';
import type { FailureReport } from '../errors/stage-error.ts';
import type { HookRun } from '../hooks/hook-run.ts';

type StagePhase = 'before' | 'after' | 'error';

/** A stage is about to run. */
export interface StageBeforeEvent<Stage extends string = string> {
  /** The container's id. */
  readonly id: string;
  readonly stage: Stage;
  readonly side: 'runtime' | 'container';
  /** Milliseconds since the epoch. */
  readonly startTime: number;
}

/** A stage has run. */
export interface StageAfterEvent<Stage extends string = string> extends StageBeforeEvent<Stage> {
  /** Milliseconds. */
  readonly duration: number;
  /** The exact interval. */
  readonly interval: Interval;
}

/** A stage has failed. The stages before it are undone after this event. */
export interface StageErrorEvent<Stage extends string = string> extends StageAfterEvent<Stage> {
  readonly error: FailureReport;
}

/** A stage has been undone, because a later stage failed. */
export interface StageUndoneEvent<Stage extends string = string> extends StageAfterEvent<Stage> {
  /** Why it could not be undone. */
  readonly error?: FailureReport | undefined;
}

/** An interval of CLOCK_MONOTONIC, in nanoseconds. JSON leaves it out. */
export class Interval {
  readonly begin: bigint;
  readonly end: bigint;

  constructor(begin: bigint, end: bigint) {
    this.begin = begin;
    this.end = end;
  }

  get milliseconds(): number {
    return Number(this.end - this.begin) / 1e6;
  }

  toJSON(): undefined {
    return undefined;
  }
}

/** The names of a container's events: its statuses, and `deleted`. */
export const CONTAINER_EVENTS = [...CONTAINER_STATUSES, 'deleted'] as const;
export type ContainerEventName = (typeof CONTAINER_EVENTS)[number];

/** A container has entered a status. */
export interface ContainerEvent {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** init's pid, if there is an init. */
  readonly pid?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The process's exit status, if davit waited for it. Only on `container:stopped`. */
  readonly exitStatus?: number | undefined;
}

/** A command about the container has succeeded. */
interface CommandAfterEvent {
  /** The container's id. */
  readonly id: string;
  /** `create`, `start` … */
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly startTime: number;
  /**
   * Milliseconds, including the start of davit's process and without waiting for the container's
   * program.
   */
  readonly duration: number;
  /** The program's exit status, if the command waited for it. */
  readonly exitStatus?: number | undefined;
}

/** A command has failed. Its stages have been undone. */
interface CommandErrorEvent extends CommandAfterEvent {
  readonly error: FailureReport;
  /** The stage that failed, if one did. */
  readonly stage?: string | undefined;
}

/** A function of a plugin has returned, or has failed. Times are CLOCK_MONOTONIC nanoseconds. */
export interface PluginCall {
  plugin: string;
  /** `before`, `after`, `adjust`, `inContainer.before` … */
  call: string;
  begin: bigint;
  end: bigint;
  error?: unknown;
}

interface StageEvents<Stage extends string> {
  before: StageBeforeEvent<Stage>;
  after: StageAfterEvent<Stage>;
  error: StageErrorEvent<Stage>;
}

/**
 * The payload of every event by its name: `stage:before`, `stage:after` and `stage:error` for all
 * stages, `pivotRoot:before` and the like for one stage, `container:created` and the like for the
 * container, and at the end `command:after` or `command:error`.
 */
export type LifecycleEvents<Stage extends string> = {
  [P in StagePhase as `stage:${P}`]: StageEvents<Stage>[P];
} & {
  [S in Stage as `${S}:before`]: StageBeforeEvent<S>;
} & {
  [S in Stage as `${S}:after`]: StageAfterEvent<S>;
} & {
  [S in Stage as `${S}:error`]: StageErrorEvent<S>;
} & {
  [S in ContainerEventName as `container:${S}`]: ContainerEvent;
} & {
  'stage:undone': StageUndoneEvent<Stage>;
  /** An OCI hook has run. The running stage's end follows. */
  'hook:ran': HookRun;
  /** A mount of config.json that took long has been made. The running stage's end follows. */
  'mount:made': MountRun;
  /** A plugin's function has run. The running stage's end follows. */
  'plugin:called': PluginCall;
  'command:after': CommandAfterEvent;
  'command:error': CommandErrorEvent;
};
