import { readFileSync, realpathSync } from 'node:fs';
import { dropPages } from '../syscalls/task/memory.ts';

/** A mapping in /proc/self/smaps (proc_pid_smaps(5)) that cannot be written: its ends and its file. */
const HEADER = /^([\da-f]+)-([\da-f]+) r-.p \S+ \S+ \d+ +(\S.*)$/m;

/**
 * Gives back the pages of Node's own file that are in memory: many were only needed to start. The
 * kernel maps a page again when it is used. Mappings with pages of which this process has a changed
 * copy stay as they are.
 */
export function dropStartupPages(): void {
  const node = realpathSync(process.execPath);
  const mappings = readFileSync('/proc/self/smaps', 'latin1').split(/^(?=[\da-f]+-[\da-f]+ )/m);
  for (const mapping of mappings) {
    const [, begin, end, file] = HEADER.exec(mapping) ?? [];
    if (file !== node || !/^Anonymous: +0 kB$/m.test(mapping)) continue;
    dropPages(BigInt(`0x${begin}`), BigInt(`0x${end}`));
  }
}
