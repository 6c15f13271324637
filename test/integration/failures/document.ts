import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHybrid } from '../../bench/without-hybrid.ts';
import type { RuntimeName } from '../../support/bundle.ts';
import type { Mistake } from './mistake.ts';
import { themes } from './mistakes.ts';
import { make, type Outcome } from './outcome.ts';

/*
 * `node test/integration/failures/document.ts` writes README.md: what davit, runc and crun say of every
 * mistake, as root, on this machine. A test compares davit's column with what it says today.
 */

export const DOCUMENT = join(import.meta.dirname, 'README.md');

/** One cell of the table; what is one line for a terminal is one here. */
export function cell({ status, text }: Outcome): string {
  if (status === 0 && text === '') return 'no error';
  const lines = text.split('\n').map((line) => (line.trim() === '' ? '' : code(line)));
  const ended = status === 1 ? [] : [`exit status ${status}`];
  return [...lines.filter(Boolean), ...ended].join('<br>');
}

/** GitHub reads a pipe in a table's code only when it is escaped. */
function code(line: string): string {
  const text = line.trim().replaceAll('|', '\\|');
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** The beginning of a mistake's row, up to davit's column. */
export const rowOf = ({ name }: Mistake, davit: Outcome): string => `| ${name} | ${cell(davit)} |`;

function table(mistakes: readonly Mistake[]): string {
  const head = '| | davit | runc | crun |\n| --- | --- | --- | --- |\n';
  const rows = mistakes
    .filter(({ skip }) => !skip)
    .map((mistake) => {
      const [runc, crun] = (['runc', 'crun'] as const).map((name) => cell(make(mistake, name)));
      return `${rowOf(mistake, make(mistake, 'davit'))} ${runc} | ${crun} |\n`;
    });
  return head + rows.join('');
}

function document(): string {
  const count = themes.flatMap(({ mistakes }) => mistakes).length;
  return `# What davit says of mistakes

${count} things that people get wrong, each made with davit, ${versionOf('runc')} and ${versionOf('crun')} on Linux
${kernel()}, by \`node test/integration/failures/document.ts\`; what is in the same column on another line was
printed on another line. davit's column is compared by a test with what it says today, and so is how its
trace classifies each failure: the stage, the field of config.json, the system call and its errno.

The bundle is \`/bundle\`, the container \`web1\`; times and pids are left out.
${themes.map(({ name, mistakes }) => `\n## ${name}\n\n${table(mistakes)}`).join('')}`;
}

const versionOf = (runtime: RuntimeName): string =>
  spawnSync(runtime, ['--version'], { encoding: 'utf8' })
    .stdout.split('\n', 1)[0]!
    .replace(' version', '');

const kernel = (): string =>
  readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('-')[0]!.trim();

/** Where cgroup v1 and v2 are mounted side by side, crun is given the machine without v2. */
function wrapCrun(directory: string): void {
  const path = spawnSync('sh', ['-c', 'command -v crun'], { encoding: 'utf8' }).stdout.trim();
  const script = `umount /sys/fs/cgroup/unified; exec ${path} "$@"`;
  const file = join(directory, 'crun');
  writeFileSync(file, `#!/bin/sh\nexec unshare --mount sh -c '${script}' crun "$@"\n`);
  chmodSync(file, 0o755);
  process.env.PATH = `${directory}:${process.env.PATH}`;
}

if (import.meta.main) {
  const scratch = mkdtempSync('/tmp/dt-');
  chmodSync(scratch, 0o755);
  process.env.TMPDIR = scratch;
  if (isHybrid()) wrapCrun(scratch);
  writeFileSync(DOCUMENT, document());
  rmSync(scratch, { recursive: true, force: true });
}
