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
 * Hints for failed system calls, by stage, field, system call and errno. If a hint depends on a
 * look at the container, the stage takes that look and throws the hint with its error.
 */
export const HINTS: readonly Hint[] = [
  ...stateHints,
  ...programHints,
  ...namespaceHints,
  ...confinementHints,
  ...resourceHints,
  ...hookHints,
];

/** What to do about a failure: the hint that the error carries, or one that matches the failure. */
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
