/** A command, and what it printed on a terminal. */
export interface Step {
  command: string;
  output: string;
}

/** Pixels. */
const FONT = 13;
const CELL = 7.83;
const LINE = 17;
const MARGIN = 16;
/** Seconds between two characters that are typed, between two lines, and after a command. */
const TYPING = 0.03;
const PRINTING = 0.03;
const PAUSE = 1.6;

/** A line, and when it appears, in seconds. */
interface Line {
  at: number;
  /** SVG's tspans. */
  text: string;
}

/**
 * A terminal session as an animated picture. Where the viewer wants no motion, and where the
 * animation is not supported, all lines are there from the start.
 */
export function terminalSvg(steps: readonly Step[], columns: number, title: string): string {
  const lines = timed(steps, columns);
  const width = Math.round(columns * CELL + 2 * MARGIN);
  const height = lines.length * LINE + 2 * MARGIN;
  const texts = lines.map(({ at, text }, i) => {
    const y = MARGIN + (i + 0.75) * LINE;
    return `<text x="${MARGIN}" y="${y}" style="animation-delay:${at.toFixed(2)}s">${text}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
text { font: ${FONT}px ui-monospace, "DejaVu Sans Mono", Menlo, monospace; fill: #e6e8eb; white-space: pre; }
.c1 { font-weight: bold } .c2 { fill: #9aa4af } .c31 { fill: #ff7b72 } .c33 { fill: #e5a540 } .c35 { fill: #b48aee } .c36 { fill: #4fb3c8 } .typed { fill: #8fd18f }
@media (prefers-reduced-motion: no-preference) { text { animation: show 0.01s backwards } }
@keyframes show { from { opacity: 0 } }
</style>
<rect width="100%" height="100%" rx="8" fill="#16181c"/>
${texts.join('\n')}
</svg>
`;
}

function timed(steps: readonly Step[], columns: number): Line[] {
  const lines: Line[] = [];
  let at = 0.5;
  for (const { command, output } of steps) {
    lines.push({ at, text: `<tspan class="typed">$ </tspan>${escaped(command)}` });
    at += command.length * TYPING;
    const printed = output.replaceAll('\r', '').trimEnd().split('\n');
    for (const line of printed.flatMap((one) => wrapped(one, columns))) {
      lines.push({ at, text: coloured(line) });
      at += PRINTING;
    }
    at += PAUSE;
    lines.push({ at, text: '' });
  }
  return lines.slice(0, -1);
}

/** The lines that a terminal makes of a long one. */
function wrapped(line: string, columns: number): string[] {
  if (line.includes('\x1b') || line.length <= columns) return [line];
  return [line.slice(0, columns), ...wrapped(line.slice(columns), columns)];
}

/** ECMA-48's SGR sequences as classes. */
function coloured(line: string): string {
  let classes = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with ESC
  const parts = line.split(/\x1b\[([\d;]*)m/);
  return parts
    .map((part, i) => {
      if (i % 2 === 0) return part && `<tspan class="${classes}">${escaped(part)}</tspan>`;
      const codes = part.split(';').filter((code) => code !== '0' && code !== '');
      classes = codes.map((code) => `c${code}`).join(' ');
      return '';
    })
    .join('');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
