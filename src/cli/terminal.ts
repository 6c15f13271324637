import { isatty, WriteStream } from 'node:tty';
import type { Drawing } from '../telemetry/text/canvas.ts';
import { STDOUT } from './output.ts';

const WIDTH_ELSEWHERE = 100;

/**
 * How text may be drawn on standard output: plain where it is no terminal. For commands that only
 * print: opening the terminal makes it non-blocking.
 */
export function drawing(environment: NodeJS.ProcessEnv = process.env): Drawing {
  const { LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM } = environment;
  const terminal = isatty(STDOUT);
  return {
    width: (terminal && new WriteStream(STDOUT).columns) || WIDTH_ELSEWHERE,
    // https://no-color.org
    color: terminal && !NO_COLOR && TERM !== 'dumb',
    unicode: /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
  };
}
