import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bundle } from '../../support/bundle.ts';
import { writeRefuser } from '../../support/system-calls/refuse-calls.ts';
import { attempt, COMMANDS } from './commands.ts';
import { ERRNOS, isExpected, REFUSALS } from './refusals.ts';

/*
 * `npm run test:refused [CALL …]`, as root, on x86-64: prints a table of every refused call and
 * every command.
 */

const asked = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'dt-refused-'));
const bundle = new Bundle({});
const row = (cells: readonly string[]): void => {
  writeSync(1, `| ${cells.join(' | ')} |\n`);
};

try {
  row(['refused', ...COMMANDS]);
  row(['---', ...COMMANDS.map(() => '---')]);
  for (const { name, calls, errnos = ERRNOS } of REFUSALS) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    for (const errno of errnos) {
      const refuser = writeRefuser(join(directory, 'refuser'), calls, errno);
      const outcomes = COMMANDS.map((command) => {
        const outcome = attempt(bundle, refuser, command);
        if (outcome !== 'ok' && !isExpected(name, errno, command)) process.exitCode = 1;
        return outcome.split('\n')[0]!;
      });
      row([`${name} ${errno}`, ...outcomes]);
    }
  }
  bundle.expectNothingLeft();
} finally {
  rmSync(bundle.dir, { recursive: true, force: true });
  rmSync(directory, { recursive: true });
}
