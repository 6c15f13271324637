import { StageError } from '../stage-error.ts';
import { confinementHints } from './confinement.ts';
import type { Hint } from './hint.ts';
import { hookHints } from './hooks.ts';
import { limitHintOf } from './limits.ts';
import { namespaceHints } from './namespaces.ts';
import { programHints } from './program.ts';
import { resourceHints } from './resources.ts';
import { stateHints } from './state.ts';

/**
 * What failed system calls have in common, and what is to be done about them. A hint that takes a look at
 * the container is its stage's, which gives it with the error.
 */
export const HINTS: readonly Hint[] = [
  ...stateHints,
  ...programHints,
  ...namespaceHints,
  ...confinementHints,
  ...resourceHints,
  ...hookHints,
];

/** What to do about a failure: what was thrown with it, or what {@link HINTS} know of its like. */
export function hintOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('hint' in error && typeof error.hint === 'string') return error.hint;
  if (error instanceof StageError) {
    return HINTS.find((hint) => isFor(hint, error))?.hint ?? limitHintOf(error);
  }
  const [first] = error instanceof AggregateError ? error.errors : [error.cause];
  return first === undefined ? limitHintOf(error) : hintOf(first);
}

const isFor = (
  hint: Hint,
  { stage, configPath = '', syscall = '', code = '' }: StageError,
): boolean =>
  isOneOf(hint.stage, stage) &&
  configPath.startsWith(hint.field ?? '') &&
  isOneOf(hint.syscall, syscall) &&
  isOneOf(hint.errno, code);

const isOneOf = (wanted: string | readonly string[] | undefined, value: string): boolean =>
  wanted === undefined || [wanted].flat().includes(value);
