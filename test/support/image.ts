import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { busybox } from './rootfs.ts';

/** An entry of a tar archive to make. */
export interface Entry {
  name: string;
  /**
   * As in the header: `0` a file, `1` a hard link, `2` a symlink, `5` a directory. Default: `0`.
   */
  type?: string;
  content?: string | Buffer;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  link?: string;
  /** Records of a pax header before it. */
  pax?: Record<string, string | Buffer>;
}

/** Makes a tar archive without any checks, so that entries may be hostile. */
export function tar(entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const { pax, ...rest } = entry;
    const records = Object.entries(pax ?? {}).map(([key, value]) => record(key, value));
    const before = pax ? member({ name: 'pax', type: 'x', content: Buffer.concat(records) }) : [];
    return [...before, ...member(rest)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** The entries of a busybox with a few applets and directories for mounts. */
export const busyboxEntries = (): Entry[] => [
  ...['bin', 'dev', 'proc', 'sys'].map((name) => ({ name: `${name}/`, type: '5', mode: 0o755 })),
  { name: 'bin/busybox', mode: 0o755, content: readFileSync(busybox()) },
  ...['sh', 'echo', 'stat', 'true'].map((name) => ({
    ...{ name: `bin/${name}`, type: '2', link: 'busybox' },
  })),
];

function member(entry: Entry): Buffer[] {
  const { name, type = '0', content = '', mode = 0o644, uid = 0, gid = 0 } = entry;
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number) =>
    header.write(value.toString(8).padStart(length - 1, '0'), at);
  header.write(name, 0);
  octal(mode, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(bytes.length, 124, 12);
  octal(entry.mtime ?? 0, 136, 12);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(entry.link ?? '', 157);
  header.write('ustar\x0000', 257);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    8,
  );
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

function record(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) {
    length = String(length).length + rest.length;
  }
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Writes an OCI layout to `directory`: each layer compressed with gzip. */
export function writeLayout(
  directory: string,
  layers: readonly Buffer[],
  config: object = { Cmd: ['true'] },
): void {
  const blobs = join(directory, 'blobs/sha256');
  mkdirSync(directory);
  mkdirSync(join(directory, 'blobs'));
  mkdirSync(blobs);
  const blob = (bytes: Buffer) => {
    writeFileSync(join(blobs, sha256(bytes)), bytes);
    return { digest: `sha256:${sha256(bytes)}`, size: bytes.length };
  };
  const json = (value: object) => blob(Buffer.from(JSON.stringify(value)));
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => `sha256:${sha256(layer)}`) };
  const manifest = json({
    config: json({ os: 'linux', architecture: 'amd64', config, rootfs }),
    layers: layers.map((layer) => blob(gzipSync(layer))),
  });
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ manifests: [manifest] }));
}
