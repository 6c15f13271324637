import type { AppliesContext } from '../context/applies-context.ts';
import type { RuntimeContext } from '../context/context.ts';

/**
 * The context after the stages of `List`, for a command that begins with `Ctx`. Each stage adds the
 * fields that it returns. `StandsBefore` if a stage stands before those that add what it needs.
 */
export type After<Ctx, List extends readonly unknown[]> = List extends readonly [
  infer First extends ListedStage,
  ...infer Rest,
]
  ? Ctx extends NeedsOf<First>
    ? After<Added<Ctx, ReturnOf<First>>, Rest>
    : StandsBefore<First['name'], MissingIn<Ctx, NeedsOf<First>>>
  : Ctx;

/** The compiler's errors show this type and so say which stage is at the wrong place. */
interface StandsBefore<StageName, Fields> {
  readonly stage: StageName;
  readonly needs: Fields;
}

interface ListedStage {
  readonly name: string;
  readonly side: 'runtime' | 'container';
  readonly run: (ctx: never, onFailure: never) => unknown;
}

/** A container stage needs an init, which has its own context. */
type NeedsOf<S extends ListedStage> = S['side'] extends 'container'
  ? Pick<RuntimeContext, 'channel'> & AppliesContext
  : S['run'] extends () => unknown
    ? unknown
    : Parameters<S['run']>[0];

type ReturnOf<S extends ListedStage> = Awaited<ReturnType<S['run']>>;

type Added<Ctx, Fields> = Fields extends object ? Omit<Ctx, keyof Fields> & Fields : Ctx;

/** The fields of `Needs` that `Ctx` lacks, or has with another type. */
type MissingIn<Ctx, Needs> = {
  [Key in keyof Needs]: Ctx extends Pick<Needs, Key> ? never : Key;
}[keyof Needs];
