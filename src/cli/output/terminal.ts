import { isatty, WriteStream } from 'node:tty';
import type { Drawing } from '../../trace/read/text/canvas.ts';
import { STDOUT } from './output.ts';

const WIDTH_ELSEWHERE = 100;
const MIN_WIDTH = 20;

/**
 * How text may be drawn on standard output: plain where it is no terminal. For commands that only
 * print: opening the terminal makes it non-blocking.
 */
export function drawing(environment: NodeJS.ProcessEnv = process.env): Drawing {
  const { COLUMNS, LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM } = environment;
  const terminal = isatty(STDOUT);
  return {
    // environ(7): what a user sets counts before what a terminal says.
    width: columnsOf(COLUMNS) ?? ((terminal && new WriteStream(STDOUT).columns) || WIDTH_ELSEWHERE),
    // https://no-color.org
    color: terminal && !NO_COLOR && TERM !== 'dumb',
    unicode: /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
  };
}

/** A width that can be drawn in; anything else is passed over, as other programs do. */
function columnsOf(given: string | undefined): number | undefined {
  const columns = /^\d{1,4}$/.test(given ?? '') ? Number(given) : 0;
  return columns >= MIN_WIDTH ? columns : undefined;
}
