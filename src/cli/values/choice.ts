import { nearestName } from '../../errors/nearest-name.ts';
import { UsageError } from '../usage-error.ts';

/**
 * The one of `choices` that is given. Throws UsageError for any other, with the nearest one as a hint.
 * `what` is the flag or operand, as in `--sort`; `command` the command whose help explains it.
 */
export function choiceOf<Choice extends string>(
  what: string,
  given: string,
  choices: readonly Choice[],
  command?: string,
): Choice {
  const choice = choices.find((one) => one === given);
  if (choice) return choice;
  const nearest = nearestName(given, choices);
  throw new UsageError(
    `invalid ${what} ${JSON.stringify(given)}: expected one of ${choices.join(', ')}`,
    { command, suggestion: nearest && `did you mean ${nearest}?` },
  );
}
