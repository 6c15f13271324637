import { carryTrace } from '../caller/carry-trace.ts';
import type { StartProgress } from '../caller/progress.ts';
import type { ContainerStatus } from '../config/names/container-statuses.ts';
import type { HookName } from '../config/names/hook-names.ts';
import type { Hook, Spec, State } from '../config/types.ts';
import { prefixed } from '../errors/prefixed.ts';
import { FieldError } from '../errors/stage-error.ts';
import type { SpawnOptions } from '../syscalls/task/spawn.ts';
import type { HookFiles } from './hook-output.ts';
import type { BeginHook, TraceEnvironment } from './hook-run.ts';

/** True when config.json has hooks of this kind. */
export const hasHooks = (spec: Spec, kind: HookName): boolean =>
  (spec.hooks?.[kind]?.length ?? 0) > 0;

/** What the hooks' state tells of the container. */
export interface HookSubject {
  id: string;
  bundle: string;
  spec: Spec;
  pid: number;
  status: ContainerStatus;
}

/** What hooks inherit. */
export interface HookEnvironment {
  /** For hooks without an environment of their own: `NAME=value`. */
  inherited: readonly string[];
  /** Default: the caller's. */
  cwd?: string | undefined;
  output?: HookFiles | undefined;
  /** Shows which hook takes long. Absent where nobody sees it. */
  progress?: StartProgress | undefined;
  begin: BeginHook;
}

/** What a hook is given beside its own fields. */
export interface HookInput {
  /** `createRuntime[0]`. */
  name: string;
  /** The state. */
  stdin: string;
  /** `NAME=value`. */
  env: readonly string[];
  /** Default: the caller's. */
  cwd?: string | undefined;
  /** Files for the hook's output; an error cannot show what goes there. */
  output?: HookFiles | undefined;
  /** Shows that the hook takes long. Absent where nobody sees it. */
  progress?: StartProgress | undefined;
}

/** What a hook's program is started with. */
export interface HookProgram {
  path: string;
  argv: readonly string[];
  /** `NAME=value`. */
  env: readonly string[];
}

export const programOf = ({ path, args }: Hook, { env }: HookInput): HookProgram => ({
  path,
  env,
  argv: args?.length ? args : [path],
});

/** What a hook of the runtime, or of init, is started with. */
export const hookProcess = (
  hook: Hook,
  input: HookInput,
  stdio: readonly number[],
): SpawnOptions => ({
  ...programOf(hook, input),
  cwd: input.cwd,
  fds: stdio.map((from, to) => [from, to] as const),
});

/** One hook to run. */
interface HookCall {
  /** `createRuntime[0]`. */
  name: string;
  hook: Hook;
  input(trace: TraceEnvironment): HookInput;
  /** Wraps the error that the hook failed with. */
  failure(error: unknown): FieldError;
}

/** The hooks of one kind, in order, each with the state (runtime.md) on its stdin. */
export function hookCalls(
  kind: HookName,
  subject: HookSubject,
  { inherited, cwd, output, progress }: HookEnvironment,
): HookCall[] {
  const stdin = JSON.stringify(stateOf(subject));
  return (subject.spec.hooks?.[kind] ?? []).map((hook, i) => {
    const name = `${kind}[${i}]`;
    return {
      name,
      hook,
      input: (trace) => ({
        name,
        stdin,
        cwd,
        output,
        progress,
        env: environmentOf(hook, inherited, trace),
      }),
      failure: (error) =>
        new FieldError(
          `hooks.${name}`,
          prefixed(`error running ${kind} hook #${i}: ${hook.path}`, error),
        ),
    };
  });
}

function environmentOf(
  { env }: Hook,
  inherited: readonly string[],
  trace: TraceEnvironment,
): string[] {
  const isSet = (name: string): boolean =>
    (env ?? []).some((variable) => variable.startsWith(`${name}=`));
  const isOwn = (name: string): boolean =>
    isSet(name) || (name === 'TRACESTATE' && isSet('TRACEPARENT'));
  const added = Object.entries(trace).filter(([name]) => !isOwn(name));
  return carryTrace(env ?? inherited, Object.fromEntries(added));
}

function stateOf({ id, bundle, spec, pid, status }: HookSubject): State {
  return {
    ociVersion: spec.ociVersion,
    id,
    status,
    ...(pid > 0 ? { pid } : {}),
    bundle,
    // As with runc, absent where there are none.
    ...(Object.keys(spec.annotations ?? {}).length > 0 && { annotations: spec.annotations }),
  };
}
