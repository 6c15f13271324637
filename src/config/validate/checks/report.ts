import type { ConfigProblem } from '../../../errors/config-error.ts';

export type Key = string | number;

/** Checks a value: adds its problems to the report. */
export interface Shape extends ShapeParts {
  (value: unknown, report: Report): void;
}

/** What a shape tells of itself: to find unknown fields, and to make JSON schemas. */
export interface ShapeParts {
  readonly type?: 'array' | 'boolean' | 'integer' | 'number' | 'object' | 'string';
  /** For an object: the shapes of its fields. */
  readonly fields?: Readonly<Record<string, Shape>>;
  /** The names of fields that an object must have. */
  readonly required?: readonly string[];
  /** The names of fields that count only beside certain values of others. */
  readonly byRule?: readonly string[];
  /** True for an object in which unknown fields are an error. */
  readonly closed?: boolean;
  /** For a list, or an object whose keys are names: the shape of each value. */
  readonly item?: Shape;
  /** Of an integer, both ends included. */
  readonly range?: readonly [min: number | bigint, max: number | bigint];
  /** The strings that it may be. */
  readonly names?: readonly string[];
  /** In errors. */
  readonly expected?: string;
  /** A value that is accepted as well. */
  readonly or?: '' | 0;
  /** The value has one of these shapes. */
  readonly anyOf?: readonly Shape[];
}

/** Collects problems while a configuration is walked, each with its path. */
export class Report {
  readonly problems: ConfigProblem[] = [];
  readonly #path: Key[];

  constructor(...path: Key[]) {
    this.#path = path;
  }

  /** Applies `shape` to the value below `key`. */
  check(key: Key, value: unknown, shape: Shape): void {
    this.#path.push(key);
    shape(value, this);
    this.#path.pop();
  }

  /** Adds a problem at the current path, or at `below` under it. */
  add(value: unknown, expected: string, ...below: Key[]): void {
    this.problems.push({ path: formatPath([...this.#path, ...below]), value, expected });
  }
}

/** `linux.namespaces[1].path`, `annotations["a.b"]`; `$` for the whole document. */
export function formatPath(path: readonly Key[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (!/^\w+$/.test(key)) text += `[${JSON.stringify(key)}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text || '$';
}
