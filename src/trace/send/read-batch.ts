import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs';
import { ignoreMissing } from '../read/ignore-missing.ts';
import { parseCommands, type StoredCommand } from '../read/read-traces.ts';
import { millisecondsOf } from '../record/clock.ts';
import { TRACE_FILE } from '../store/store.ts';

const NEWLINE = 0x0a;

/** How many bytes of each file are done, by {@link fileKey}. */
export type Progress = Readonly<Record<string, number>>;

/** Commands to send. */
export interface Batch {
  commands: StoredCommand[];
  /** The progress once they are sent. */
  progress: Progress;
}

interface BatchOptions {
  /** The most spans in a batch. A command that has more is a batch of its own. */
  spans: number;
  /**
   * Only commands that ended since this time, in milliseconds since the epoch. Default: a day ago.
   */
  since?: number | undefined;
}

/** Older commands are skipped: backends refuse them. */
const MAX_AGE = 24 * 3_600_000;

interface StoreFile {
  path: string;
  key: string;
  size: number;
  mtimeMs: number;
}

/**
 * The next commands of the store, from the least recently written file on. Undefined when there are
 * none.
 */
export function readBatch(
  directory: string,
  done: Progress,
  { spans, since = Date.now() - MAX_AGE }: BatchOptions,
): Batch | undefined {
  const files = storeFiles(directory);
  // Forgets files that are gone.
  const progress: Record<string, number> = {};
  for (const { key, size } of files) {
    const seen = done[key] ?? 0;
    progress[key] = seen <= size ? seen : 0;
  }
  const commands: StoredCommand[] = [];
  let left = spans;
  for (const file of files) {
    if (progress[file.key]! >= file.size) continue;
    if (file.mtimeMs < since) {
      progress[file.key] = file.size;
      continue;
    }
    for (const line of linesOf(file.path, progress[file.key]!)) {
      const found = parseCommands(line.toString()).filter(
        (one) => millisecondsOf(one.root.end) >= since,
      );
      left -= found.reduce((sum, command) => sum + command.spans.length + 1, 0);
      if (left < 0 && commands.length > 0) return { commands, progress };
      progress[file.key]! += line.length + 1;
      commands.push(...found);
    }
  }
  return commands.length > 0 ? { commands, progress } : undefined;
}

/** True when there is a next batch. */
export const hasMore = (directory: string, done: Progress): boolean =>
  readBatch(directory, done, { spans: 1 }) !== undefined;

function storeFiles(directory: string): StoreFile[] {
  return namesIn(directory)
    .filter((name) => TRACE_FILE.test(name))
    .flatMap((name) => {
      const path = `${directory}/${name}`;
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (!stat?.isFile()) return [];
      const { size, mtimeMs } = stat;
      return [{ path, key: fileKey(stat), size, mtimeMs }];
    })
    .sort((a, b) => a.mtimeMs - b.mtimeMs);
}

/** Survives a rename, and differs for a new file that gets the same inode number. */
const fileKey = ({ ino, birthtimeMs }: { ino: number; birthtimeMs: number }): string =>
  `${ino}-${Math.floor(birthtimeMs)}`;

/** The complete lines from `offset` on. A line without a newline may still be written to. */
function linesOf(path: string, offset: number): Buffer[] {
  const bytes = ignoreMissing(() => readFrom(path, offset), Buffer.alloc(0));
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function readFrom(path: string, offset: number): Buffer {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(Math.max(fstatSync(fd).size - offset, 0));
    return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(fd);
  }
}

const namesIn = (directory: string): string[] => ignoreMissing(() => readdirSync(directory), []);
