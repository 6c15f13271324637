import type { WaterfallOptions } from './waterfall.ts';

const DEFAULT_WIDTH = 100;
const LEAST_WIDTH = 50;

/** How to draw on `stream`: colour and its width on a terminal, plain text elsewhere. */
export function terminalOptions(
  environment: Readonly<Record<string, string | undefined>>,
  stream: { isTTY?: boolean | undefined; columns?: number | undefined },
): WaterfallOptions {
  const { NO_COLOR, TERM, COLUMNS, LC_ALL, LC_CTYPE, LANG } = environment;
  const width = (stream.isTTY ? stream.columns : undefined) || Number(COLUMNS) || DEFAULT_WIDTH;
  return {
    width: Math.max(width, LEAST_WIDTH),
    // https://no-color.org: present and not empty.
    color: stream.isTTY === true && !NO_COLOR && TERM !== 'dumb',
    unicode: /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
  };
}
