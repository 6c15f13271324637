const XATTR = 'SCHILY.xattr.';
const SPACE = 0x20;
const EQUALS = 0x3d;

/** The records of a pax header that davit reads. Values of extended attributes are bytes. */
export interface PaxRecords {
  /** `path`, `linkpath`, `size` and others. */
  texts: ReadonlyMap<string, string>;
  xattrs: ReadonlyMap<string, Buffer>;
}

/** Reads `LENGTH KEY=VALUE\n` records. Throws for what is none. */
export function parsePax(bytes: Buffer): PaxRecords {
  const texts = new Map<string, string>();
  const xattrs = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(SPACE, at);
    const end = at + Number(bytes.toString('latin1', at, space));
    const equals = bytes.indexOf(EQUALS, space);
    if (space < 0 || !(end > equals) || equals < 0 || end > bytes.length) {
      throw new Error('a pax header of the archive is malformed');
    }
    const key = bytes.toString('utf8', space + 1, equals);
    const value = bytes.subarray(equals + 1, end - 1);
    if (key.startsWith(XATTR)) xattrs.set(key.slice(XATTR.length), value);
    else texts.set(key, value.toString('utf8'));
    at = end;
  }
  return { texts, xattrs };
}
