import { stringifyJson } from '../config/json.ts';

/** One error in config.json: the field, its value and what was expected. */
export interface ConfigProblem {
  /** JSON path: `process.rlimits[0].type`. */
  path: string;
  /** The value found, `undefined` when absent. */
  value: unknown;
  /** What was expected, ending the sentence "…: expected ". */
  expected: string;
}

/** The errors found in config.json. The message lists them, one on each line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], source = 'config.json') {
    const shown = problems.slice(0, SHOWN).map(describe);
    if (problems.length > SHOWN) shown.push(`and ${problems.length - SHOWN} more`);
    super(shown.map((problem) => `${source}: ${problem}`).join('\n'));
    this.problems = problems;
  }
}

/** The most problems that the message lists: there may be thousands of wrong entries. */
const SHOWN = 20;

function describe({ path, value, expected }: ConfigProblem): string {
  const found = value === undefined ? 'missing' : shorten(printed(value));
  return `${path}: ${found}: expected ${expected}`;
}

function printed(value: unknown): string {
  try {
    return typeof value === 'string'
      ? JSON.stringify(value.slice(0, LENGTH))
      : (stringifyJson(value) ?? String(value));
  } catch (error) {
    return (error as Error).message;
  }
}

/** The most characters of a value that the message shows. */
const LENGTH = 120;

function shorten(text: string): string {
  return text.length > LENGTH ? `${text.slice(0, LENGTH - 3)}…` : text;
}
