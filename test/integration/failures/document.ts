import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isHybrid } from '../../bench/without-hybrid.ts';
import type { RuntimeName } from '../../support/bundle.ts';
import type { Mistake } from './mistake.ts';
import { themes } from './mistakes.ts';
import { make, type Outcome } from './outcome.ts';

/*
 * `node test/integration/failures/document.ts` writes README.md: what davit, runc and crun print
 * for every mistake, as root, on this machine. A test compares davit's column with today's output.
 */

export const DOCUMENT = join(import.meta.dirname, 'README.md');

/** One cell of the table. Each line of the output, hint included, stays a line. */
export function cell({ status, text }: Outcome): string {
  if (status === 0 && text === '') return 'no error';
  const onTerminal = text.replace(/ \(hint: (.*)\)$/m, '\n$1');
  const lines = onTerminal.split('\n').map((line) => (line.trim() === '' ? '' : code(line)));
  const ended = status === 1 ? [] : [`exit status ${status}`];
  return [...lines.filter(Boolean), ...ended].join('<br>');
}

/** In a table, GitHub needs pipes escaped, also inside code. */
function code(line: string): string {
  const text = line.trim().replaceAll('|', '\\|');
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** The start of a mistake's row, up to davit's column. */
export const row = (name: string, davit: string): string => `| ${name} | ${davit} |`;

type Cells = Record<string, string>;

const cellsOf = (runtime: RuntimeName): Cells =>
  Object.fromEntries(
    themes
      .flatMap(({ mistakes }) => mistakes)
      .filter(({ skip }) => !skip)
      .map((mistake) => [mistake.name, cell(make(mistake, runtime))]),
  );

function table(mistakes: readonly Mistake[], [davit, runc, crun]: [Cells, Cells, Cells]): string {
  const head = '| | davit | runc | crun |\n| --- | --- | --- | --- |\n';
  const rows = mistakes
    .filter(({ skip }) => !skip)
    .map(({ name }) => `${row(name, davit[name]!)} ${runc[name]} | ${crun[name]} |\n`);
  return head + rows.join('');
}

function document(): string {
  const columns: [Cells, Cells, Cells] = [cellsOf('davit'), cellsOf('runc'), cellsOfCrun()];
  return `# What davit says of mistakes

${Object.keys(columns[0]).length} things that people get wrong, each made with davit, ${versionOf('runc')} and ${versionOf('crun')} on Linux
${kernel()}, by \`node test/integration/failures/document.ts\`. What stands on a line of its own is
printed so on a terminal. A test compares davit's column with what davit says today, and how its trace
classifies each failure: the stage, the field of config.json, the system call and its errno.

The bundle is \`/bundle\`, the container \`web1\`; times and pids are left out.
${themes.map(({ name, mistakes }) => `\n## ${name}\n\n${table(mistakes, columns)}`).join('')}`;
}

const versionOf = (runtime: RuntimeName): string =>
  spawnSync(runtime, ['--version'], { encoding: 'utf8' })
    .stdout.split('\n', 1)[0]!
    .replace(' version', '');

const kernel = (): string =>
  readFileSync('/proc/sys/kernel/osrelease', 'utf8').split('-')[0]!.trim();

/**
 * Runs crun on a machine without cgroup v2 if v1 and v2 are mounted side by side, and with its own
 * /dev/null: crun gives /dev/null to the root of a user namespace, and it stays so.
 */
function cellsOfCrun(): Cells {
  const script = [
    ...(isHybrid() ? ['umount /sys/fs/cgroup/unified'] : []),
    'mknod -m 666 "$TMPDIR/null" c 1 3',
    'mount --bind "$TMPDIR/null" /dev/null',
    'exec "$0" "$@"',
  ].join(' && ');
  const program = [process.execPath, ...process.execArgv, process.argv[1]!, 'crun'];
  const { stdout } = spawnSync('unshare', ['--mount', 'sh', '-c', script, ...program], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // The test runner, which bundles bring along, prints its summary after it.
  return JSON.parse(stdout.split('\n', 1)[0]!);
}

/** With an argument: prints only that runtime's results, as JSON. */
function main([runtime]: string[]): void {
  const scratch = mkdtempSync('/tmp/dt-');
  chmodSync(scratch, 0o755);
  process.env.TMPDIR = scratch;
  if (runtime) writeSync(1, `${JSON.stringify(cellsOf(runtime as RuntimeName))}\n`);
  else writeFileSync(DOCUMENT, document());
  rmSync(scratch, { recursive: true, force: true });
}

if (import.meta.main) main(process.argv.slice(2));
