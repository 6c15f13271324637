/** regex(7)'s character classes, as the content of brackets in a JavaScript expression. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\/:-@[-`{-~',
  space: '\\s',
  upper: 'A-Z',
  xdigit: '0-9a-fA-F',
};

/** Compiles a POSIX extended regular expression, which matches anywhere. Errors name `place`. */
export function extendedRegExp(text: string, place: string): RegExp {
  const translated = text.replace(/\[:(\w+):\]/g, (whole, name) => CLASSES[name] ?? whole);
  try {
    return new RegExp(translated);
  } catch (error) {
    throw new Error(
      `${place}: ${text}: expected a regular expression: ${(error as Error).message}`,
    );
  }
}
