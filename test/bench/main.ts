import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileSystemType, TMPFS_MAGIC } from '../../src/syscalls/files/statfs.ts';
import { Bench, type Sample } from './bench.ts';
import { type Bundles, makeBundles } from './bundles.ts';
import { Containerd, CTR_RUN, SHIMS } from './containerd.ts';
import { CpuAccount, removeAccounts } from './cpu-account.ts';
import { beyondLimits } from './limits.ts';
import {
  type Measure,
  machine,
  markdown,
  type Report,
  type Row,
  type ServerMemory,
  versions,
} from './report.ts';
import { findRuntimes, type Runtime } from './runtimes.ts';
import { Served } from './served.ts';
import { type Summary, summarize } from './statistics.ts';
import { TRACED, Tracing, UNTRACED } from './tracing.ts';
import { WARM, Warm, type WarmKind } from './warm.ts';
import { isHybrid, rerunWithoutHybrid } from './without-hybrid.ts';

/*
 * `npm run bench [-- --runs 40 --json --check]`: davit by a server, davit without one, runc and crun
 * side by side, and containerd with the shims of davit and runc. Every round runs each command once with each runtime, in turn, so that noise of the
 * machine affects all of them alike. $RUNC and $CRUN replace the binaries found in PATH; $DAVIT_DIST
 * names another build. With --check it fails where a figure is beyond its limit (limits.ts).
 */

const WARM_UP = 3;
/** V8 has then compiled the functions in use. */
const SERVER_WARM_UP = 100;
/** Containers that run at the same time, for the server's memory. */
const CONTAINERS = 40;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '40' },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
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
  const { samples, server, shim } = await measure(runtimes);
  const report: Report = {
    machine: machine(),
    versions: versions(runtimes),
    runs,
    server,
    shim,
    ...evaluate(samples),
  };
  const text = values.json ? JSON.stringify(report, null, 2) : markdown(report);
  process.stdout.write(`${text}\n`);
  const beyond = values.check ? beyondLimits(report) : [];
  for (const line of beyond) process.stderr.write(`${line}\n`);
  if (beyond.length > 0) process.exitCode = 1;
} finally {
  removeAccounts();
  for (const made of [directory, traces]) rmSync(made, { recursive: true, force: true });
}

/** What one runtime works with. */
interface Workplace {
  account: CpuAccount;
  directory: string;
  bundles: Bundles;
}

function workplace(name: string, runc: string, many = 0): Workplace {
  const own = join(directory, name);
  mkdirSync(own);
  const account = new CpuAccount(name);
  const bundles = makeBundles({ directory: own, runc, cgroup: account.path, many });
  return { account, directory: own, bundles };
}

/** Samples by the name of the runtime. The warm davit counts as a runtime. */
async function measure(
  runtimes: readonly Runtime[],
): Promise<{ samples: Map<string, Sample[]> } & Pick<Report, 'server' | 'shim'>> {
  const devNull = openSync('/dev/null', 'r+');
  const runc = runtimes.find(({ name }) => name === 'runc')!.path;
  const place = workplace('served', runc, CONTAINERS);
  const served = new Served(runtimes[0]!, place.directory, place.account);
  const servedBench = new Bench({ runtime: served.runtime, ...place, devNull });
  const colds = runtimes.map(
    (runtime) => new Bench({ runtime, ...workplace(runtime.name, runc), devNull }),
  );
  const benches = [servedBench, ...colds];
  const warms = (Object.keys(WARM) as WarmKind[]).map((kind) => {
    const { bundles, account, directory: own } = workplace(kind, runc);
    return new Warm({ kind, dist, state: join(own, 'state'), bundle: bundles.brief, account });
  });
  const containerds = Object.keys(SHIMS).map((shim) => {
    const many = shim === 'served' ? CONTAINERS : 0;
    return {
      shim,
      containerd: new Containerd({ shim, dist, ...workplace(`ctr-${shim}`, runc, many), devNull }),
    };
  });
  const { directory: ownDirectory, bundles: own } = workplace('tracing', runc);
  const bundle = own.brief;
  const tracing = new Tracing({
    davit: join(dist, 'davit'),
    directory: ownDirectory,
    bundle,
    devNull,
  });
  const samples = new Map<string, Sample[]>();
  const add = (name: string, sample: Sample) =>
    samples.set(name, [...(samples.get(name) ?? []), sample]);
  await served.begin();
  for (const bench of benches) bench.begin();
  for (const warm of warms) await warm.begin();
  for (const { containerd } of containerds) await containerd.begin();
  try {
    for (let i = 0; i < SERVER_WARM_UP; i++) {
      servedBench.sample();
      containerds[0]!.containerd.sample();
    }
    for (let round = -WARM_UP; round < runs; round++) {
      if (process.stderr.isTTY) process.stderr.write(`\rround ${round + 1} of ${runs} `);
      for (const bench of rotated(benches, round + WARM_UP)) {
        const sample = bench.sample();
        if (round >= 0) add(bench.name, sample);
      }
      for (const warm of warms) {
        const sample = await warm.sample();
        if (round >= 0) add('warm', sample);
      }
      for (const { shim, containerd } of rotated(containerds, round + WARM_UP)) {
        const sample = containerd.sample();
        if (round >= 0) add(`ctr-${shim}`, sample);
      }
      const traced = tracing.sample(round);
      if (round >= 0) add('tracing', traced);
    }
    return {
      samples,
      server: memoryOf(served, servedBench),
      shim: containerds[0]!.containerd.memory(),
    };
  } finally {
    for (const bench of benches) bench.end();
    for (const warm of warms) await warm.end();
    for (const { containerd } of containerds) await containerd.end();
    await served.end();
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}

function memoryOf(served: Served, bench: Bench): ServerMemory {
  const total = served.memory;
  using _ = bench.fill(CONTAINERS);
  return {
    ...{ commands: bench.commands, total, containers: CONTAINERS },
    forEach: (served.memory - total) / CONTAINERS,
  };
}

/** Rotates the list, so that every runtime comes first equally often. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function evaluate(samples: Map<string, Sample[]>): Pick<Report, 'rows' | 'tracing'> {
  const summary = (runtime: string, command: string) => {
    const times = samples.get(runtime)!.flatMap((sample) => sample[command] ?? []);
    const of = (measure: Measure): Partial<Record<Measure, Summary>> => {
      const measured = times.map((time) => time[measure]).filter((time) => time !== undefined);
      return measured.length > 0 ? { [measure]: summarize(measured) } : {};
    };
    return { ...of('wall'), ...of('cpu') };
  };
  const names = ['served', 'davit', 'runc', 'crun'];
  const [run, ...others] = Object.keys(samples.get('davit')![0]!).map(
    (name): Row => ({
      name,
      times: Object.fromEntries(names.map((runtime) => [runtime, summary(runtime, name)])),
    }),
  );
  const warm = Object.values(WARM).map((name) => ({
    name,
    times: { ...run!.times, served: summary('warm', name) },
  }));
  const ctr = {
    name: CTR_RUN,
    times: Object.fromEntries(
      Object.keys(SHIMS).map((shim) => [shim, summary(`ctr-${shim}`, CTR_RUN)]),
    ),
  };
  const [traced, untraced] = [TRACED, UNTRACED].map((name) => ({
    name,
    times: { davit: summary('tracing', name) },
  }));
  const [on, off] = [traced!, untraced!].map(({ times }) => times.davit.wall!.median);
  return {
    rows: [run!, ...warm, traced!, untraced!, ...others, ctr],
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
