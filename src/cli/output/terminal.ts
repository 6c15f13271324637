import type { Environment } from '../../config/environment.ts';
import type { TerminalFeatures } from '../../trace/read/text/canvas.ts';
import type { Output } from './output.ts';

const WIDTH_ELSEWHERE = 100;
const MIN_WIDTH = 20;

/** How to draw text on `output`: plain when it is not a terminal. */
export function terminalFeatures(output: Output, environment: Environment): TerminalFeatures {
  const { COLUMNS, LC_ALL, LC_CTYPE, LANG, NO_COLOR, TERM } = environment;
  return {
    // environ(7): the user's $COLUMNS overrides the terminal's width.
    width: columnsOf(COLUMNS) ?? output.columns ?? WIDTH_ELSEWHERE,
    // https://no-color.org
    color: output.isTerminal && !NO_COLOR && TERM !== 'dumb',
    unicode: /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
  };
}

/** A width of 20 to 9999 columns; other values are ignored, as other programs do. */
function columnsOf(given: string | undefined): number | undefined {
  const columns = /^\d{1,4}$/.test(given ?? '') ? Number(given) : 0;
  return columns >= MIN_WIDTH ? columns : undefined;
}
