import type { ContainerStatus } from '../config/names/container-statuses.ts';
import type { HookName } from '../config/names/hook-names.ts';
import type { Spec } from '../config/types.ts';
import type { TraceHook } from '../hooks/hook-run.ts';
import type { InitContext } from './context.ts';

/** Whether, before or after a stage, the container may go on. */
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
  /** init's on the host; absent before forkInit. */
  readonly pid: number | undefined;
  /** `TRACEPARENT` of the stage's span, and where there are any `TRACESTATE` and `BAGGAGE`. */
  readonly traceEnvironment: Readonly<Record<string, string>>;
}

/** Which configuration the container is to have, and whether it may have this one. */
export type ConfigQuestion = Omit<StageQuestion, 'stage' | 'side' | 'rootfs' | 'pid'>;

/** The kinds of OCI hooks that run inside init, and in the runtime. */
export type InitHookName = Extract<HookName, 'createContainer' | 'startContainer'>;
export type RuntimeHookName = Exclude<HookName, InitHookName>;

/** The moment of the OCI hooks of one kind (config.md, POSIX-platform Hooks). */
export interface HookMoment {
  readonly id: string;
  readonly bundle: string;
  readonly spec: Spec;
  /** init's, as the hooks' state has it; 0 when there is none. */
  readonly pid: number;
  readonly status: ContainerStatus;
  readonly traced: TraceHook;
  readonly warn: (message: string) => void;
}

/**
 * Every question by its name, with what is told to those who are asked. An answer that throws is a
 * veto. The answer to `adjust` is the configuration to use, if it is to be another one.
 */
export type LifecycleQuestions<Stage extends string> = {
  [S in Stage as `${S}:before`]: StageQuestion<S>;
} & {
  [S in Stage as `${S}:after`]: StageQuestion<S>;
} & {
  adjust: ConfigQuestion;
  validate: ConfigQuestion;
} & { [Kind in RuntimeHookName]: HookMoment };

/** Questions that init itself asks, inside the container: nothing is awaited there. */
export type InitQuestions<Stage extends string> = {
  [S in Stage as `${S}:before`]: InitContext;
} & {
  [S in Stage as `${S}:after`]: InitContext;
} & { [Kind in InitHookName]: InitContext };
