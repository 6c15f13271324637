/** A place in a CDI file, for errors: `/etc/cdi/a.yaml: devices[0].name`. */
export class Place {
  readonly file: string;
  readonly path: string;
  /** The file's cdiVersion. */
  readonly version: string;

  constructor(file: string, version = '', path = '') {
    this.file = file;
    this.version = version;
    this.path = path;
  }

  at(key: string | number): Place {
    const path =
      typeof key === 'number' ? `${this.path}[${key}]` : [this.path, key].filter(Boolean).join('.');
    return new Place(this.file, this.version, path);
  }

  /** Throws an error that says what was expected here. */
  refuse(expected: string, found: unknown): never {
    const text = found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 80);
    throw new Error(`${this}: expected ${expected}, found ${text}`);
  }

  toString(): string {
    return [this.file, this.path].filter(Boolean).join(': ');
  }
}
