import { ByteReader } from './byte-reader.ts';
import { BLOCK, type Header, parseHeader } from './header.ts';
import { type PaxRecords, parsePax } from './pax.ts';

/*
 * The packages tar and tar-stream decode the values of pax records as UTF-8. That destroys
 * `security.capability`, whose value is bytes.
 */

type EntryType =
  | 'file'
  | 'hardlink'
  | 'symlink'
  | 'character device'
  | 'block device'
  | 'directory'
  | 'fifo';

export interface TarEntry extends Omit<Header, 'type'> {
  type: EntryType;
  xattrs: ReadonlyMap<string, Buffer>;
  /** Where the content begins in the archive, in bytes. */
  start: number;
  /** The content, once, before the next entry. */
  content(): AsyncIterable<Buffer>;
}

const TYPES: Readonly<Record<string, EntryType>> = {
  0: 'file',
  7: 'file',
  1: 'hardlink',
  2: 'symlink',
  3: 'character device',
  4: 'block device',
  5: 'directory',
  6: 'fifo',
};

/** The most bytes of a header that describes another: it is held in memory. */
const MAX_META = 1024 * 1024;

/** What headers before an entry say of it. */
interface Meta {
  pax?: PaxRecords;
  name?: string;
  linkName?: string;
}

/** The entries of an archive, in order. Throws for what is no archive, and for one that is cut. */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(chunks);
  let meta: Meta = {};
  for (;;) {
    const position = reader.position;
    const block = await reader.read(BLOCK);
    const header = block && parseHeader(block, position);
    if (!header) break;
    if ('xgLK'.includes(header.type)) {
      Object.assign(meta, await readMeta(reader, header));
      continue;
    }
    const entry = entryOf(header, meta);
    meta = {};
    let left: number = entry.size;
    yield {
      ...entry,
      start: reader.position,
      async *content() {
        for await (const part of reader.stream(left)) {
          left -= part.length;
          yield part;
        }
      },
    };
    await reader.skip(left + padding(entry.size));
  }
  // What follows the end counts for the digest of the archive.
  for await (const _ of reader.stream(Number.POSITIVE_INFINITY, { mayEnd: true }));
}

const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

async function readMeta(reader: ByteReader, { type, size }: Header): Promise<Meta> {
  if (size > MAX_META) throw new Error(`a header of the archive has ${size} bytes: too many`);
  const bytes = (await reader.read(size)) ?? Buffer.alloc(0);
  await reader.skip(padding(size));
  if (type === 'x') return { pax: parsePax(bytes) };
  const text = bytes.toString('utf8').replace(/\0[\s\S]*$/, '');
  if (type === 'L') return { name: text };
  return type === 'K' ? { linkName: text } : {};
}

function entryOf(header: Header, { pax, name, linkName }: Meta) {
  const texts = pax?.texts;
  const value = (key: string, otherwise: number): number =>
    texts?.has(key) ? Number(texts.get(key)) : otherwise;
  const path = texts?.get('path') ?? name ?? header.name;
  const type = header.type === '0' && path.endsWith('/') ? 'directory' : TYPES[header.type];
  if (!type || [...(texts?.keys() ?? [])].some((key) => key.startsWith('GNU.sparse'))) {
    throw new Error(`${path}: davit cannot unpack entries of type ${JSON.stringify(header.type)}`);
  }
  const numbers = {
    size: type === 'file' ? value('size', header.size) : 0,
    uid: value('uid', header.uid),
    gid: value('gid', header.gid),
    mtime: value('mtime', header.mtime),
  };
  for (const [field, number] of Object.entries(numbers)) {
    const isValid = field === 'mtime' ? Number.isFinite(number) : isCount(number);
    if (!isValid) throw new Error(`${path}: its ${field} is ${number}`);
  }
  return {
    ...header,
    name: path,
    type,
    ...numbers,
    linkName: texts?.get('linkpath') ?? linkName ?? header.linkName,
    xattrs: pax?.xattrs ?? new Map<string, Buffer>(),
  };
}

const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
