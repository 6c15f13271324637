import {
  closeSync,
  createReadStream,
  fstatSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { duplicateFrom } from '../../syscalls/files/fcntl.ts';
import { Archive } from './archive.ts';
import { decompressorOf } from './decompress.ts';
import { type ImageFiles, streamOf } from './image-files.ts';
import { LayoutDirectory } from './layout-directory.ts';

const STDIN = 0;

interface SourceOptions {
  /** A directory with room for an archive that davit has to copy. */
  scratch: string;
  signal: AbortSignal;
}

/**
 * Opens an image: an OCI layout (a directory or an archive) or a docker-archive, which may be
 * compressed; `-` is standard input.
 */
export async function openImageFiles(path: string, options: SourceOptions): Promise<ImageFiles> {
  if (path !== '-' && statSync(path).isDirectory()) return new LayoutDirectory(path);
  using fds = new DisposableStack();
  let fd = path === '-' ? STDIN : fds.adopt(openSync(path, 'r'), closeSync);
  // A pipe cannot be read at a place, and an archive is read at many.
  if (!fstatSync(fd).isFile()) {
    fd = fds.adopt(await spool([pipeOf(fd)], options), closeSync);
  }
  const whole = { fd, start: 0, size: fstatSync(fd).size };
  const decompressor = decompressorOf(whole, path);
  if (decompressor) {
    fd = fds.adopt(await spool([streamOf(whole), decompressor], options), closeSync);
  }
  const archive = await Archive.open(path, fd);
  archive.own(fds.move());
  return archive;
}

/** On the event loop: a read of an empty pipe could not be ended in a thread. */
function pipeOf(fd: number): AsyncIterable<Buffer> {
  const copy = duplicateFrom(fd, STDIN);
  const stat = fstatSync(copy);
  return stat.isFIFO() || stat.isSocket()
    ? new Socket({ fd: copy, readable: true, writable: false })
    : createReadStream('', { fd: copy });
}

/** The fd of a file without a name that holds what `stages` give. */
async function spool(
  stages: (AsyncIterable<Buffer> | NodeJS.ReadWriteStream)[],
  { scratch, signal }: SourceOptions,
): Promise<number> {
  const file = `${scratch}/.davit-image-${process.pid}`;
  const fd = openSync(file, 'wx+', 0o600);
  unlinkSync(file);
  try {
    const write = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
      for await (const chunk of chunks) {
        for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
      }
    };
    await pipeline([...stages, write] as never, { signal });
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
