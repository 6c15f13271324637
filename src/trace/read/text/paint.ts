/** The meaning of a piece of text, which decides its colour. */
export type Tone = 'title' | 'quiet' | 'runtime' | 'container' | 'foreign' | 'critical' | 'failed';

const SGR: Record<Tone, string> = {
  title: '1',
  quiet: '2',
  runtime: '36',
  container: '33',
  foreign: '35',
  critical: '1',
  failed: '31',
};

export type Paint = (text: string, ...tones: Tone[]) => string;

/** Colours text by ECMA-48's SGR sequences, or leaves it as it is. */
export function painter(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, ...tones) => {
    if (tones.length === 0 || text.trim() === '') return text;
    return `\x1b[${tones.map((tone) => SGR[tone]).join(';')}m${text}\x1b[0m`;
  };
}

/** Replaces control characters, which a terminal would obey, in text from a container or a hook. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
