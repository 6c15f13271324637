import type { ConfigProblem } from '../../../errors/config-error.ts';

type Key = string | number;

/** What a check of a value does: it adds what is wrong to the report. */
export interface Shape {
  (value: unknown, report: Report): void;
  /** Of an object: its fields. */
  readonly fields?: Readonly<Record<string, Shape>>;
  /** Of a list, or of an object whose keys are names: each part. */
  readonly item?: Shape;
}

/** Collects problems while a configuration is walked, each with the path of where the walk is. */
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

  /** Adds a problem here, or further down at `below`. */
  add(value: unknown, expected: string, ...below: Key[]): void {
    this.problems.push({ path: formatPath([...this.#path, ...below]), value, expected });
  }
}

/** `linux.namespaces[1].path`, `annotations["a.b"]`; `$` for the whole document. */
function formatPath(path: readonly Key[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (!/^\w+$/.test(key)) text += `[${JSON.stringify(key)}]`;
    else text += text === '' ? key : `.${key}`;
  }
  return text || '$';
}
