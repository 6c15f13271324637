import { ReadStream } from 'node:tty';
import { isTerminal } from '../../syscalls/tty/tty.ts';
import type { Output } from './output.ts';

const STDIN = 0;
/** ECMA-48 and xterm: the cursor to the top; erase to the end of the line, and of the screen. */
const HOME = '\x1b[H';
const ERASE_LINE = '\x1b[K';
const ERASE_BELOW = '\x1b[J';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
/** What a terminal sends for Ctrl-C, which raw mode does not make a signal. */
const INTERRUPT = '\x03';

/** A terminal that shows a page, which is drawn again and again, and hears keys. */
export class Screen implements Disposable {
  readonly #output: Output;
  readonly #keyboard: ReadStream | undefined;

  /** `onKey` is called for each key. Ctrl-C is the key `q`. */
  constructor(output: Output, onKey: (key: string) => void) {
    this.#output = output;
    output.write(HIDE_CURSOR + HOME + ERASE_BELOW);
    if (!isTerminal(STDIN)) return;
    this.#keyboard = new ReadStream(STDIN).setRawMode(true).setEncoding('latin1');
    this.#keyboard.on('data', (keys) => {
      for (const key of String(keys)) onKey(key === INTERRUPT ? 'q' : key);
    });
  }

  /** Shows as much of `text` as fits. False when the terminal is gone. */
  draw(text: string): boolean {
    const { columns = 80, rows = 24 } = this.#output;
    const lines = text.trimEnd().split('\n').slice(0, rows);
    const fitting = lines.map((line) => [...line].slice(0, columns).join('') + ERASE_LINE);
    return this.#output.write(HOME + fitting.join('\n') + ERASE_BELOW);
  }

  [Symbol.dispose](): void {
    this.#keyboard?.setRawMode(false).destroy();
    this.#output.write(`${SHOW_CURSOR}\n`);
  }
}
