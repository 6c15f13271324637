import { RuntimeError } from '../../errors/runtime-error.ts';

const TOKEN =
  /\s*(?:(?<string>b?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))|@(?<type>[a-z(){}]+)|(?<word>[A-Za-z]\w*)|(?<number>[-+]?(?:0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?))|(?<mark>[[\]{}<>:,]))/sy;

/** A token of a value's text. A `string` includes its quotes; a `type` is the text after an @. */
export interface Token {
  text: string;
  kind: 'string' | 'type' | 'word' | 'number' | 'mark' | 'end';
}

export class VariantTokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    TOKEN.lastIndex = this.#at;
    const match = TOKEN.exec(this.#text);
    if (match === null) {
      if (this.#text.slice(this.#at).trim() !== '') this.fail();
      return { kind: 'end', text: '' };
    }
    this.#at = TOKEN.lastIndex;
    const [kind, text] = Object.entries(match.groups!).find(([, found]) => found !== undefined)!;
    return { kind: kind as Token['kind'], text };
  }

  fail(): never {
    throw new RuntimeError(
      `expected a value such as 'text', true, uint64 5 or ['a', 'b'] (GVariant text), found ${this.#text}`,
    );
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** The content of a string token. */
export const unquote = (text: string): string =>
  text
    .slice(text.startsWith('b') ? 2 : 1, -1)
    .replace(/\\(u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)/gs, (_, code: string) =>
      code.length > 1
        ? String.fromCodePoint(Number.parseInt(code.slice(1), 16))
        : (ESCAPES[code] ?? code),
    );
