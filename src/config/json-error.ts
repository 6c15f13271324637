/** Where a text stops being JSON, and what was expected there. */
interface JsonFault {
  /** UTF-16 units from the start. */
  offset: number;
  expected: string;
}

/**
 * Finds the first fault. V8's messages give no position for half of the faults. `undefined` when
 * the text is nested too deeply for this parser.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    scanner.end();
  } catch (fault) {
    if (fault instanceof RangeError) return undefined;
    if (fault instanceof Error) throw fault;
    return fault as JsonFault;
  }
  return undefined;
}

const SPACE = /[ \t\n\r]*/y;
const STRING_START = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/uy;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

class Scanner {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): void {
    this.#skip(SPACE);
    if (this.#take('{')) this.#members('}', () => this.#member());
    else if (this.#take('[')) this.#members(']', () => this.value());
    else if (this.#text[this.#offset] === '"') this.#string('a string');
    else if (!this.#skip(SCALAR)) this.#fail('a value');
  }

  end(): void {
    this.#skip(SPACE);
    if (this.#offset < this.#text.length) this.#fail('the end of the file');
  }

  #members(close: string, member: () => void): void {
    this.#skip(SPACE);
    if (this.#take(close)) return;
    for (;;) {
      member();
      this.#skip(SPACE);
      if (this.#take(close)) return;
      if (!this.#take(',')) this.#fail(`"," or "${close}"`);
    }
  }

  #member(): void {
    this.#skip(SPACE);
    this.#string('a property name in double quotes');
    this.#skip(SPACE);
    if (!this.#take(':')) this.#fail('":"');
    this.value();
  }

  #string(expected: string): void {
    if (!this.#skip(STRING_START)) this.#fail(expected);
    if (this.#take('"')) return;
    this.#fail(this.#text[this.#offset] === '\\' ? 'a known escape sequence' : "the string's end");
  }

  #take(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset++;
    return true;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#offset;
    if (!pattern.test(this.#text)) return false;
    this.#offset = pattern.lastIndex;
    return true;
  }

  #fail(expected: string): never {
    throw { offset: this.#offset, expected } satisfies JsonFault;
  }
}
