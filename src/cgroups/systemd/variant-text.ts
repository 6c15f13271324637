import { RuntimeError } from '../../errors/runtime-error.ts';
import {
  alignmentOf,
  type DBusValue,
  fieldTypes,
  splitSignature,
  type Variant,
} from './dbus/values.ts';
import { type Token, unquote, VariantTokens } from './variant-tokens.ts';

/** GLib's names of D-Bus types, which may stand before a value: `uint64 5`. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ boolean: 'b', byte: 'y', int16: 'n', uint16: 'q', int32: 'i', uint32: 'u' },
  ...{ int64: 'x', uint64: 't', double: 'd', string: 's', objectpath: 'o', signature: 'g' },
};

/** Parses a value in GLib's text format (gvariant-text), without tuples and maybes. */
export function parseVariant(text: string): Variant {
  const parser = new Parser(text);
  const value = parser.value(undefined);
  parser.take('end');
  return value;
}

class Parser {
  readonly #tokens: VariantTokens;
  #next: Token;

  constructor(text: string) {
    this.#tokens = new VariantTokens(text);
    this.#next = this.#tokens.next();
  }

  /** Parses a value; it must have the type `expected`, if given. */
  value(expected: string | undefined): Variant {
    const { kind, text } = this.#next;
    if (kind === 'type') return this.#typed(text, expected);
    if (kind === 'word' && Object.hasOwn(TYPES, text)) return this.#typed(TYPES[text]!, expected);
    if (kind === 'word' && (text === 'true' || text === 'false')) {
      this.take('word');
      return this.#as('b', text === 'true', expected);
    }
    if (kind === 'number') return this.#number(expected);
    if (kind === 'string') return this.#string(expected);
    if (text === '[') return this.#array(expected);
    if (text === '{') return this.#dictionary(expected);
    if (text === '<') {
      this.take('mark', '<');
      const inner = this.value(undefined);
      this.take('mark', '>');
      return this.#as('v', inner, expected);
    }
    return this.#tokens.fail();
  }

  take(kind: Token['kind'], text?: string): Token {
    const token = this.#next;
    if (token.kind !== kind || (text !== undefined && token.text !== text)) this.#tokens.fail();
    if (kind !== 'end') this.#next = this.#tokens.next();
    return token;
  }

  #typed(type: string, expected: string | undefined): Variant {
    if (splitSignature(type).length !== 1) this.#tokens.fail();
    this.take(this.#next.kind);
    const value = this.value(type);
    return this.#as(type, value.value, expected);
  }

  #number(expected: string | undefined): Variant {
    const { text } = this.take('number');
    const fraction = !/^[-+]?0x/i.test(text) && /[.e]/i.test(text);
    const type = expected ?? (fraction ? 'd' : 'i');
    if (type === 'd') return { signature: 'd', value: Number(text) };
    const range = RANGES[type];
    if (range === undefined || fraction) return this.#as(fraction ? 'd' : 'i', 0, expected);
    const [, sign, digits] = /^([-+]?)(.*)$/.exec(text)!;
    const value = BigInt(digits!) * (sign === '-' ? -1n : 1n);
    if (value < range[0] || value > range[1]) {
      throw new RuntimeError(`${text} is out of the range of D-Bus type ${type}`);
    }
    return { signature: type, value: alignmentOf(type) === 8 ? value : Number(value) };
  }

  #string(expected: string | undefined): Variant {
    const { text } = this.take('string');
    const content = unquote(text);
    if (text.startsWith('b')) return this.#as('ay', [...Buffer.from(`${content}\0`)], expected);
    const textual = expected === 'o' || expected === 'g' ? expected : 's';
    return this.#as(textual, content, expected);
  }

  #array(expected: string | undefined): Variant {
    this.take('mark', '[');
    let type = expected?.startsWith('a') ? expected.slice(1) : undefined;
    const elements = this.#list(']', () => {
      const element = this.value(type);
      type ??= element.signature;
      return element.value;
    });
    if (type === undefined)
      throw new RuntimeError('an empty array needs its type in front, as in @as []');
    return this.#as(`a${type}`, elements, expected);
  }

  #dictionary(expected: string | undefined): Variant {
    this.take('mark', '{');
    let [key, of] = expected?.startsWith('a{') ? fieldTypes(expected.slice(1)) : [];
    const entries = this.#list('}', () => {
      const name = this.value(key);
      this.take('mark', ':');
      const value = this.value(of);
      key ??= name.signature;
      of ??= value.signature;
      return [name.value, value.value];
    });
    if (key === undefined)
      throw new RuntimeError('an empty dictionary needs its type in front, as in @a{sv} {}');
    return this.#as(`a{${key}${of}}`, entries, expected);
  }

  /** The comma-separated elements up to `end`. */
  #list(end: string, element: () => DBusValue): DBusValue[] {
    const elements: DBusValue[] = [];
    while (this.#next.text !== end) {
      if (elements.length > 0) this.take('mark', ',');
      elements.push(element());
    }
    this.take('mark', end);
    return elements;
  }

  #as(signature: string, value: DBusValue, expected = signature): Variant {
    if (signature === expected) return { signature, value };
    throw new RuntimeError(
      `expected a value of D-Bus type ${expected}, found one of type ${signature}`,
    );
  }
}

const signed = (bits: bigint): [bigint, bigint] => [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
const unsigned = (bits: bigint): [bigint, bigint] => [0n, 2n ** bits - 1n];
const RANGES: Readonly<Record<string, [bigint, bigint]>> = {
  ...{ y: unsigned(8n), q: unsigned(16n), u: unsigned(32n), t: unsigned(64n) },
  ...{ n: signed(16n), i: signed(32n), x: signed(64n) },
};
