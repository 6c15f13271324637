import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Difference, refused, seen, taken } from './differences.ts';

/* `node test/integration/differences/document.ts` writes README.md. A test compares it. */

export const DOCUMENT = join(import.meta.dirname, 'README.md');

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

const reasons = (list: readonly Difference[]): string =>
  table(
    ['', 'Because'],
    list.map(({ name, why }) => [name, why]),
  );

/** Differences of the command line. Their tests are in failures/ and crun-flags.test.ts. */
const flags = [
  [
    '`--preserve-fds` beyond the fds that are open',
    'refuses',
    'refuses',
    'ignores',
    'the program would look for a socket at a number that is closed, or that it then opens itself',
  ],
  [
    '`NOTIFY_SOCKET` at which nobody listens any more',
    '`run` ignores it, `start` fails',
    'the same',
    'not tried',
    'a shell of a service keeps its variable for good; a service manager that starts a container waits for it',
  ],
] as const;

export const text = (): string => `# Where davit takes a config.json otherwise than runc

Some two thousand configurations were given to davit, runc 1.1.5 and runc 1.5: every field left out, null, empty,
zero, extreme or of another type, and what fields mean to each other. These are the differences. A test makes
each of them with davit and runc. What a caller is known to write is taken as runc takes it, also where
runtime-spec would have an error: \`errnoRet\` of an action that returns none, an empty mount option.

## davit refuses, runc takes

${reasons(refused)}
## davit takes, runc refuses

${reasons(taken)}
## The container sees

${table(['', 'davit', 'runc'], seen)}
## Beside config.json: crun differs

${table(['', 'davit', 'runc', 'crun', 'Because'], flags)}`;

if (import.meta.main) {
  writeFileSync(DOCUMENT, text());
  writeSync(1, `${DOCUMENT}\n`);
}
