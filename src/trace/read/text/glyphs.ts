/** The characters a waterfall is drawn with. */
export interface Glyphs {
  fork: string;
  corner: string;
  trunk: string;
  blank: string;
  full: string;
  leftHalf: string;
  rightHalf: string;
  /** A bar of less than half a cell, at its cell's left or right edge. */
  leftTick: string;
  rightTick: string;
  rule: string;
  critical: string;
  grew: string;
  shrank: string;
  failed: string;
  ellipsis: string;
  separator: string;
  /** Between a stage and what is inside it. */
  inside: string;
  micro: string;
}

const UNICODE: Glyphs = {
  fork: '├─ ',
  corner: '└─ ',
  trunk: '│  ',
  blank: '   ',
  full: '█',
  leftHalf: '▌',
  rightHalf: '▐',
  leftTick: '▏',
  rightTick: '▕',
  rule: '─',
  critical: '◀',
  grew: '▲',
  shrank: '▼',
  failed: '✗',
  ellipsis: '…',
  separator: ' · ',
  inside: ' › ',
  micro: 'µ',
};

const ASCII: Glyphs = {
  fork: '|- ',
  corner: '`- ',
  trunk: '|  ',
  blank: '   ',
  full: '#',
  leftHalf: '#',
  rightHalf: '#',
  leftTick: '|',
  rightTick: '|',
  rule: '-',
  critical: '<',
  grew: '^',
  shrank: 'v',
  failed: 'x',
  ellipsis: '...',
  separator: ', ',
  inside: ' > ',
  micro: 'u',
};

export function glyphs(unicode: boolean): Glyphs {
  return unicode ? UNICODE : ASCII;
}
