import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { parseJson } from '../../config/json.ts';
import { Report, type Shape } from '../../config/validate/checks/report.ts';
import { ConfigError } from '../../errors/config-error.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';

/** A file of an image: a stretch of an open file. */
export interface ImageFile {
  fd: number;
  /** Bytes before it in `fd`. */
  start: number;
  size: number;
}

/** The files of an image, in a directory or in an archive. */
export interface ImageFiles extends Disposable {
  /** Where they are, for errors. */
  readonly source: string;
  /** Undefined where there is none. `path` is relative. */
  find(path: string): ImageFile | undefined;
}

/** OCI image-spec: a manifest has at most 4 MiB. */
const MAX_JSON = 4 * 1024 * 1024;

/** The file at `path`. Throws if there is none. */
export function fileOf(files: ImageFiles, path: string): ImageFile {
  const file = files.find(path);
  if (file) return file;
  throw new RuntimeError(`${files.source} has no file ${path}, which the image needs`);
}

export function bytesOf(files: ImageFiles, path: string): Buffer {
  const { fd, start, size } = fileOf(files, path);
  if (size > MAX_JSON) {
    throw new RuntimeError(`${files.source}: ${path} has ${size} bytes: more than ${MAX_JSON}`);
  }
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readSync(fd, bytes, 0, size, start));
}

/** The JSON in `bytes`, which must have this shape. Errors name `name`, the field and its value. */
export function parseAs<T>(bytes: Buffer, name: string, shape: Shape): T {
  const value = parseJson(bytes.toString('utf8'), name);
  const report = new Report();
  shape(value, report);
  if (report.problems.length > 0) throw new ConfigError(report.problems, name);
  return value as T;
}

const CHUNK = 256 * 1024;
const readAt = promisify(read);

/** The content of a file, as it is read. Leaves the fd open, which Node's own streams close. */
export async function* streamOf({ fd, start, size }: ImageFile): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const length = Math.min(CHUNK, size - at);
    const { bytesRead, buffer } = await readAt(fd, Buffer.alloc(length), 0, length, start + at);
    if (bytesRead === 0) throw new Error('a file of the image became shorter meanwhile');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
