import { StageError } from '../stage-error.ts';
import { bundleHints } from './bundle.ts';
import { confinementHints } from './confinement.ts';
import type { Hint } from './hint.ts';
import { hookHints } from './hooks.ts';
import { limitHints } from './limits.ts';
import { mountHints } from './mounts.ts';
import { namespaceHints } from './namespaces.ts';
import { programHints } from './program.ts';
import { resourceHints } from './resources.ts';

/**
 * What failures have in common, and what is to be done about them. A hint that takes a look at the
 * container is its stage's, which gives it with the error.
 */
const HINTS: readonly Hint[] = [
  ...bundleHints,
  ...programHints,
  ...mountHints,
  ...namespaceHints,
  ...confinementHints,
  ...resourceHints,
  ...hookHints,
  ...limitHints,
];

/** What to do about a failure: what was thrown with it, or what {@link HINTS} know of its like. */
export function hintOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('hint' in error && typeof error.hint === 'string') return error.hint;
  if (error instanceof StageError) return HINTS.find((hint) => isFor(hint, error))?.hint;
  const [first] = error instanceof AggregateError ? error.errors : [error.cause];
  return first === undefined ? limitHintOf(error) : hintOf(first);
}

/** Limits are met outside stages, too. */
function limitHintOf(error: Error): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return limitHints.find((hint) => hint.code === code && (hint.syscall ?? syscall) === syscall)
    ?.hint;
}

function isFor(hint: Hint, { stage, configPath = '', syscall, code = '', reason }: StageError) {
  return (
    (hint.stage ?? stage) === stage &&
    configPath.startsWith(hint.field ?? '') &&
    (hint.syscall ?? syscall) === syscall &&
    [hint.code ?? code].flat().includes(code) &&
    (hint.says?.test(reason) ?? true)
  );
}
