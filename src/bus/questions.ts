import type { Environment } from '../config/environment.ts';
import type { ContainerStatus } from '../config/names/container-statuses.ts';
import type { HookName } from '../config/names/hook-names.ts';
import type { Spec } from '../config/types.ts';
import type { InitContext } from '../context/init-context.ts';
import type { BeginHook } from '../hooks/hook-run.ts';
import type { InitParent } from '../init/parent/init-parent.ts';

/** When the interceptors of a stage are asked. */
export const ASKED_PHASES = ['before', 'after'] as const;
export type AskedPhase = (typeof ASKED_PHASES)[number];

/** Asks before or after a stage whether the container may go on. */
export interface StageQuestion<Stage extends string = string> {
  /** The container's id. */
  readonly id: string;
  readonly stage: Stage;
  readonly side: 'runtime' | 'container';
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Absolute path of the rootfs on the host. */
  readonly rootfs: string;
  /** The configuration in effect. */
  readonly spec: Spec;
  /** init's pid on the host; absent before forkInit. */
  readonly pid: number | undefined;
  /** `TRACEPARENT` of the stage's span, and `TRACESTATE` and `BAGGAGE` if there are any. */
  readonly traceEnvironment: Readonly<Record<string, string>>;
}

/** Asks which configuration the container should have, and whether it may have this one. */
export type ConfigQuestion = Omit<StageQuestion, 'stage' | 'side' | 'rootfs' | 'pid'>;

/** The kinds of OCI hooks that run in the container's namespaces. */
export type ContainerHookName = Extract<HookName, 'createContainer' | 'startContainer'>;
export type RuntimeHookName = Exclude<HookName, ContainerHookName>;

/** Asks to run the OCI hooks of one kind (config.md, POSIX-platform Hooks). */
export interface HookQuestion {
  readonly id: string;
  readonly bundle: string;
  readonly spec: Spec;
  /** init's pid, as in the hooks' state; 0 when there is none. */
  readonly pid: number;
  readonly status: ContainerStatus;
  readonly begin: BeginHook;
  /** Whose children the hooks are. */
  readonly parent: InitParent;
  readonly callerEnvironment: Environment;
  readonly warn: (message: string) => void;
}

/** Asks to run the hooks that the runtime starts in the container's namespaces. */
interface ContainerHookQuestion
  extends Omit<HookQuestion, 'begin' | 'parent' | 'warn' | 'callerEnvironment'> {
  /** Runs the hooks. `inherited` is the environment of hooks without their own. */
  readonly run: (inherited: readonly string[]) => Promise<void>;
}

/**
 * The payload of every question by its name. An interceptor that throws vetoes. The answer to
 * `adjust` is the configuration to use, or nothing to keep it.
 */
export type LifecycleQuestions<Stage extends string> = {
  [S in Stage as `${S}:before`]: StageQuestion<S>;
} & {
  [S in Stage as `${S}:after`]: StageQuestion<S>;
} & {
  adjust: ConfigQuestion;
  validate: ConfigQuestion;
} & { [Kind in RuntimeHookName]: HookQuestion } & {
  [Kind in ContainerHookName]: ContainerHookQuestion;
};

/** Questions that init itself asks, inside the container. They are synchronous. */
export type InitQuestions<Stage extends string> = {
  [S in Stage as `${S}:before`]: InitContext;
} & {
  [S in Stage as `${S}:after`]: InitContext;
} & { createContainer: InitContext };
