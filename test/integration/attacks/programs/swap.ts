import { writeSync } from 'node:fs';
import { declare } from '../../../../src/syscalls/ffi/libc.ts';

/* swap.ts A B: exchanges two files again and again, each time atomically. */

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;
const renameat2 = declare<[number, string, number, string, number]>(
  'int renameat2(int olddirfd, const char *old, int newdirfd, const char *new, unsigned int flags)',
);

const [a, b] = process.argv.slice(2) as [string, string];
writeSync(1, 'ready\n');
for (;;) renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
