/** Architectures that machine code is written for: process.arch's names. */
export type MachineArch = 'x64' | 'arm64';

/** The host's architecture. Throws when there is no machine code for it. */
export function hostArch(): MachineArch {
  if (process.arch === 'x64' || process.arch === 'arm64') return process.arch;
  throw new Error(`no machine code for ${process.arch}`);
}

/** Position-independent machine code, ready to be copied to where it runs. */
export interface Program<Label extends string = string> {
  /** Instructions, and the data behind them. */
  code: Buffer;
  /** The offset of each label in the code, in bytes. */
  labels: Readonly<Record<Label, number>>;
}

/** What a test compares with a disassembler's output. */
export interface WithListing {
  /** Bytes of the code that are instructions. */
  size: number;
  /** The instructions as a disassembler shows them. */
  listing: () => string[];
}

/** An instruction that refers to a label, which may come later. */
interface Reference {
  label: string;
  put: (code: Buffer, target: number) => void;
}

/** Bytes of instructions and data, and labels that name places in them. */
export class Assembler {
  protected readonly labels: Record<string, number> = {};
  readonly #references: Reference[] = [];
  readonly #listing: (() => string)[] = [];
  readonly #bytes: number[] = [];
  #size = 0;

  /** Names the next instruction or datum. */
  label(name: string): void {
    if (name in this.labels) throw new Error(`the label ${name} stands twice`);
    this.labels[name] = this.#bytes.length;
  }

  /** Ends the instructions. Data follow, aligned to 8 bytes. */
  data(): void {
    this.#size = this.#bytes.length;
    while (this.#bytes.length % 8 !== 0) this.#bytes.push(0);
  }

  /** A label and `size` bytes of zeros for each name. */
  fields(names: readonly string[], size: number): void {
    for (const name of names) {
      this.label(name);
      this.space(size);
    }
  }

  /** Zeros, which the code that loads the program overwrites. */
  space(size: number): void {
    for (let i = 0; i < size; i++) this.#bytes.push(0);
  }

  /** Strings one after the other, each with a NUL at its end. */
  text(label: string, ...strings: readonly string[]): void {
    this.label(label);
    for (const string of strings) this.#bytes.push(...Buffer.from(`${string}\0`));
  }

  /** The program, with every reference to a label filled in. */
  finish<Label extends string>(): Program<Label> & WithListing {
    const code = Buffer.from(this.#bytes);
    for (const { label, put } of this.#references) put(code, this.placeOf(label));
    const listing = () => this.#listing.map((show) => show());
    const labels = this.labels as Record<Label, number>;
    return { code, size: this.#size || code.length, labels, listing };
  }

  /** The offset of a label, once all labels are known. */
  placeOf(label: string): number {
    const place = this.labels[label];
    if (place === undefined) throw new Error(`there is no label ${label}`);
    return place;
  }

  /** The offset of the next instruction. */
  get here(): number {
    return this.#bytes.length;
  }

  /** Adds an instruction. `show` gives its text once all labels are known. */
  emit(bytes: readonly number[], show: () => string): void {
    this.#bytes.push(...bytes);
    this.#listing.push(show);
  }

  /** Fills in an instruction once the place of `label` is known. */
  refer(label: string, put: Reference['put']): void {
    this.#references.push({ label, put });
  }
}

/** A number as disassemblers write it. */
export const hex = (value: number): string =>
  `0x${(value < 0 ? BigInt.asUintN(64, BigInt(value)) : value).toString(16)}`;
