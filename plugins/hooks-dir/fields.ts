/** Reads the properties of a JSON object with the expected types. Errors name the field. */
export class Fields {
  readonly #object: Record<string, unknown>;
  readonly #path: string;

  /** `path` is the object's place: `hook`, or '' for the whole file. */
  constructor(value: unknown, path = '') {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Error([path, 'expected an object'].filter(Boolean).join(': '));
    }
    this.#object = value as Record<string, unknown>;
    this.#path = path;
  }

  at(name: string): string {
    return this.#path ? `${this.#path}.${name}` : name;
  }

  has(name: string): boolean {
    return this.#object[name] !== undefined;
  }

  get names(): string[] {
    return Object.keys(this.#object);
  }

  /**
   * Throws when one of `required` is missing, and for a property that is in neither `required` nor
   * `optional`.
   */
  expect(required: readonly string[], optional: readonly string[] = []): void {
    for (const name of required)
      if (!this.has(name)) throw new Error(`${this.at(name)}: is missing`);
    const known = [...required, ...optional];
    const other = this.names.find((name) => !known.includes(name));
    if (other) throw new Error(`${this.at(other)}: expected one of ${known.join(', ')}`);
  }

  text(name: string): string | undefined {
    return this.#typed(name, 'a string', (value) => typeof value === 'string');
  }

  number(name: string): number | undefined {
    return this.#typed(name, 'a number', (value) => typeof value === 'number');
  }

  boolean(name: string): boolean | undefined {
    return this.#typed(name, 'true or false', (value) => typeof value === 'boolean');
  }

  texts(name: string): string[] | undefined {
    return this.#typed(
      name,
      'a list of strings',
      (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'string'),
    );
  }

  object(name: string): Fields | undefined {
    return this.has(name) ? new Fields(this.#object[name], this.at(name)) : undefined;
  }

  #typed<T>(name: string, expected: string, is: (value: unknown) => boolean): T | undefined {
    const value = this.#object[name];
    if (value === undefined || is(value)) return value as T | undefined;
    throw new Error(`${this.at(name)}: ${JSON.stringify(value)}: expected ${expected}`);
  }
}
