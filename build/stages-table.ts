import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stages } from '../src/operations/stages.ts';

/*
 * `node build/stages-table.ts` writes the table of stages into README.md, from the one list of them.
 */

const README = join(import.meta.dirname, '../README.md');
const BETWEEN = /(?<=<!-- stages -->\n)[\s\S]*(?=<!-- \/stages -->)/;

/** The table as README.md should have it, and as it has it. */
export function stagesTable(): { expected: string; actual: string } {
  const rows = stages().map(
    ({ phase, name, side, summary }) => `| ${phase} | \`${name}\` | ${side} | ${summary} |\n`,
  );
  return {
    expected: `\n| Command | Stage | Side | What it does |\n| --- | --- | --- | --- |\n${rows.join('')}\n`,
    actual: BETWEEN.exec(readFileSync(README, 'utf8'))?.[0] ?? '',
  };
}

if (import.meta.main) {
  const { expected } = stagesTable();
  writeFileSync(
    README,
    readFileSync(README, 'utf8').replace(BETWEEN, () => expected),
  );
}
