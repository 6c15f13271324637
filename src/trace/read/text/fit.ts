import type { Glyphs } from './glyphs.ts';

/** `text` in exactly `width` cells. */
export function fit(text: string, width: number, { ellipsis }: Glyphs): string {
  if (text.length <= width) return text.padEnd(width);
  if (width <= ellipsis.length) return text.slice(0, width);
  return text.slice(0, width - ellipsis.length) + ellipsis;
}
