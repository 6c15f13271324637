import { parseCount, readIfThere, withoutEmpty } from '../usage/read-counts.ts';
import type { BlkioEntry, BlkioStats } from '../usage/stats.ts';

type Tables = Partial<Record<keyof Omit<BlkioStats, 'psi'>, string>>;

const SCHEDULER_TABLES = {
  sectorsRecursive: 'sectors_recursive',
  ioServiceTimeRecursive: 'io_service_time_recursive',
  ioWaitTimeRecursive: 'io_wait_time_recursive',
  ioMergedRecursive: 'io_merged_recursive',
  ioQueueRecursive: 'io_queued_recursive',
  ioTimeRecursive: 'time_recursive',
  ioServicedRecursive: 'io_serviced_recursive',
  ioServiceBytesRecursive: 'io_service_bytes_recursive',
};

const prefixed = (prefix: string, tables: Tables): Tables =>
  Object.fromEntries(
    Object.entries(tables).map(([name, file]) => [name, `blkio.${prefix}${file}`]),
  );

const SERVICED: Tables = {
  ioServicedRecursive: 'io_serviced_recursive',
  ioServiceBytesRecursive: 'io_service_bytes_recursive',
};

/** Sets of files, the richest first. The first set whose first file has entries is used. */
const SOURCES: readonly Tables[] = [
  prefixed('bfq.', SCHEDULER_TABLES),
  prefixed('bfq.', SERVICED),
  prefixed('', SCHEDULER_TABLES),
  prefixed('throttle.', SERVICED),
  prefixed('throttle.', {
    ioServicedRecursive: 'io_serviced',
    ioServiceBytesRecursive: 'io_service_bytes',
  }),
];

export function readBlkio(dir: string): BlkioStats {
  for (const source of SOURCES) {
    const tables = Object.entries(source).map(
      ([name, file]) => [name, readTable(dir, file)] as const,
    );
    // As in runc, an empty table counts as missing: the next source is tried.
    if (tables[0]![1].length > 0) return withoutEmpty(Object.fromEntries(tables));
  }
  return {};
}

/** Lines `254:0 Read 4096`, `8:0 6792`; the sums (`Total 4096`) are left out. */
function readTable(dir: string, file: string): BlkioEntry[] {
  const lines = (readIfThere(dir, file) ?? '').trim().split('\n');
  return lines.flatMap((line) => {
    const fields = line.split(/[ :]/).filter(Boolean);
    if (fields.length < 3) return [];
    const [major, minor, ...rest] = fields as [string, string, ...string[]];
    const op = rest.length > 1 ? rest[0] : undefined;
    const value = parseCount(rest.at(-1)!);
    return [withoutEmpty({ major: Number(major), minor: Number(minor), op, value })];
  });
}
