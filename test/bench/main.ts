import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileSystemType, TMPFS_MAGIC } from '../../src/syscalls/files/statfs.ts';
import { Bench, type Sample } from './bench.ts';
import { type Bundles, makeBundles } from './bundles.ts';
import { machine, markdown, type Report, type Row, versions } from './report.ts';
import { findRuntimes, type Runtime } from './runtimes.ts';
import { Served } from './served.ts';
import { summarize } from './statistics.ts';
import { TRACED, Tracing, UNTRACED } from './tracing.ts';
import { Warm } from './warm.ts';
import { isHybrid, rerunWithoutHybrid } from './without-hybrid.ts';

/*
 * `npm run bench [-- --runs 40 --json]`: davit, runc and crun side by side. Every round runs each
 * command once with each runtime, in turn, so that noise of the machine affects all of them alike.
 * $RUNC and $CRUN replace the binaries found in PATH; $DAVIT_DIST names another build.
 */

const WARM_UP = 3;
const WARM = 'warm: a whole run in one process';
/** The measured commands that a server runs. */
const SERVED = ['start', 'delete', 'state', 'kill'];

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '40' }, json: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
const root = join(import.meta.dirname, '../..');
const dist = process.env.DAVIT_DIST ?? join(root, 'dist');

if (process.geteuid!() !== 0) fail('the benchmark needs root');
if (isHybrid()) process.exit(rerunWithoutHybrid());
if (!process.env.DAVIT_DIST) build();

// State is on a tmpfs, as /run usually is. Traces are on a disk, as /var/lib usually is.
const directory = mkdtempSync(
  `${fileSystemType('/run') === TMPFS_MAGIC ? '/run' : '/dev/shm'}/davit-bench-`,
);
const traces = mkdtempSync('/var/tmp/davit-bench-');
process.env.DAVIT_TRACE_DIR = traces;
try {
  const runtimes = findRuntimes(join(dist, 'davit'));
  const bundles = makeBundles(directory, runtimes.find(({ name }) => name === 'runc')!.path);
  const report: Report = {
    machine: machine(),
    versions: versions(runtimes),
    runs,
    ...evaluate(await measure(runtimes, bundles)),
  };
  const text = values.json ? JSON.stringify(report, null, 2) : markdown(report);
  process.stdout.write(`${text}\n`);
} finally {
  for (const made of [directory, traces]) rmSync(made, { recursive: true, force: true });
}

/** Samples by the name of the runtime. The warm davit counts as a runtime. */
async function measure(
  runtimes: readonly Runtime[],
  bundles: Bundles,
): Promise<Map<string, Sample[]>> {
  const devNull = openSync('/dev/null', 'r+');
  const served = new Served(runtimes[0]!, directory);
  const benches = [...runtimes, served.runtime].map((runtime) => {
    const own = join(directory, runtime.name);
    mkdirSync(own);
    return new Bench({ runtime, directory: own, bundles, devNull });
  });
  const warm = new Warm({ dist, state: join(directory, 'warm'), bundle: bundles.brief });
  const ownDirectory = join(directory, 'tracing');
  const davit = join(dist, 'davit');
  const bundle = bundles.brief;
  const tracing = new Tracing({ davit, directory: ownDirectory, bundle, devNull });
  const samples = new Map<string, Sample[]>();
  const add = (name: string, sample: Sample) =>
    samples.set(name, [...(samples.get(name) ?? []), sample]);
  await served.begin();
  for (const bench of benches) bench.begin();
  await warm.begin();
  try {
    for (let round = -WARM_UP; round < runs; round++) {
      if (process.stderr.isTTY) process.stderr.write(`\rround ${round + 1} of ${runs} `);
      for (const bench of rotated(benches, round + WARM_UP)) {
        const sample = bench.sample();
        if (round >= 0) add(bench.name, sample);
      }
      const time = await warm.sample();
      if (round >= 0) add('warm', { [WARM]: time });
      const traced = tracing.sample(round);
      if (round >= 0) add('tracing', traced);
    }
  } finally {
    for (const bench of benches) bench.end();
    await warm.end();
    await served.end();
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
  return samples;
}

/** Rotates the list, so that every runtime comes first equally often. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function evaluate(samples: Map<string, Sample[]>): Pick<Report, 'rows' | 'tracing'> {
  const summary = (runtime: string, command: string) =>
    summarize(samples.get(runtime)!.map((sample) => sample[command]!));
  const rows = Object.keys(samples.get('davit')![0]!).map((name) => ({
    name,
    times: {
      davit: summary('davit', name),
      runc: summary('runc', name),
      crun: summary('crun', name),
    },
  }));
  const [run] = rows;
  const warm = { name: WARM, times: { ...run!.times, davit: summary('warm', WARM) } };
  const [traced, untraced] = [TRACED, UNTRACED].map((name) => ({
    name,
    times: { davit: summary('tracing', name) },
  }));
  const servedRow = ({ name, times }: Row): Row[] =>
    SERVED.includes(name)
      ? [{ name: `${name}, by the server`, times: { ...times, davit: summary('served', name) } }]
      : [];
  const [on, off] = [traced!, untraced!].map(({ times }) => times.davit.median);
  return {
    rows: [run!, warm, traced!, untraced!, ...rows.slice(1), ...rows.flatMap(servedRow)],
    tracing: (on! / off! - 1) * 100,
  };
}

function build(): void {
  const { status } = spawnSync(process.execPath, [join(root, 'tools/build.ts')], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
