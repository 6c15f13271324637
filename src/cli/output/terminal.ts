import { isatty, WriteStream } from 'node:tty';
import type { Environment } from '../../config/environment.ts';
import type { Drawing } from '../../trace/read/text/canvas.ts';
import { STDOUT } from './output.ts';

const WIDTH_ELSEWHERE = 100;
const MIN_WIDTH = 20;

/**
 * How to draw text on standard output: plain when it is not a terminal. Only for commands that only
 * print, because opening the terminal makes it non-blocking.
 */
export function drawing(environment: Environment = process.env): Drawing {
  const { COLUMNS, LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM } = environment;
  const terminal = isatty(STDOUT);
  return {
    // environ(7): the user's $COLUMNS overrides the terminal's width.
    width: columnsOf(COLUMNS) ?? ((terminal && new WriteStream(STDOUT).columns) || WIDTH_ELSEWHERE),
    // https://no-color.org
    color: terminal && !NO_COLOR && TERM !== 'dumb',
    unicode: /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
  };
}

/** A width of 20 to 9999 columns; other values are ignored, as other programs do. */
function columnsOf(given: string | undefined): number | undefined {
  const columns = /^\d{1,4}$/.test(given ?? '') ? Number(given) : 0;
  return columns >= MIN_WIDTH ? columns : undefined;
}
