import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readTraces } from '../../../src/trace/read/read-traces.ts';
import type { Span } from '../../../src/trace/store/span.ts';
import { Bundle, type RuntimeName } from '../../support/bundle.ts';
import type { Explanation, Mistake } from './mistake.ts';

/** The outcome of a mistake. */
export interface Outcome {
  status: number | null;
  /** The runtime's output, without parts that change from run to run or between machines. */
  text: string;
  /** The attributes of davit's trace for the failure. */
  classified: Explanation;
  /** True if the failed command left a state directory. */
  left: boolean;
}

/** Runs a runtime with a mistake in the bundle or the command line. */
export function make(mistake: Mistake, runtime: RuntimeName): Outcome {
  const bundle = new Bundle({ runtime });
  try {
    bundle.configure((spec) => {
      // crun 1.8 accepts no later version.
      spec.ociVersion = '1.0.2';
      spec.process.args = ['true'];
      mistake.spec?.(spec, bundle);
    });
    mistake.prepare?.(bundle);
    const { status, stdout, stderr } = (mistake.attempt ?? ((made) => made.run()))(bundle);
    const exists = existsSync(join(bundle.root, bundle.id));
    return {
      status,
      text: withoutChance(`${stderr}${stdout}`.trim(), bundle),
      classified: runtime === 'davit' ? classified(bundle, status) : {},
      left: exists && !mistake.attempt,
    };
  } finally {
    remove(bundle);
  }
}

function remove(bundle: Bundle): void {
  if (existsSync(join(bundle.root, bundle.id))) {
    bundle.runtime('delete', '--force', bundle.id);
  }
  rmSync(bundle.dir, { recursive: true, force: true });
}

/** The trace's first failed stage of the last command, or the command if no stage failed. */
function classified({ traces, id }: Bundle, status: number | null): Explanation {
  const command = readTraces(traces, id)
    .flatMap(({ commands }) => commands)
    .at(-1);
  const { root, spans = [] } = command ?? {};
  const stages = spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId);
  const failed = stages.find(({ error }) => error !== undefined) ?? root;
  const stage = failed === root ? undefined : failed?.name;
  return {
    ...(stage && { stage }),
    ...(failed && attributesOf(failed)),
    ...(status !== 1 && { status: status ?? -1 }),
  };
}

function attributesOf({ attributes }: Span): Explanation {
  const field = attributes['davit.stage.config_path'];
  const syscall = attributes['davit.error.syscall'];
  const errno = attributes['error.type'];
  return {
    ...(typeof field === 'string' && { field }),
    ...(typeof syscall === 'string' && { syscall }),
    ...(typeof errno === 'string' && /^E[A-Z0-9]+$/.test(errno) && { errno }),
  };
}

/** Replaces names, pids and times of the run, and cgroup paths of the machine. */
function withoutChance(text: string, { dir, id }: Bundle): string {
  return ownCgroups()
    .reduce((rest, path) => rest.replaceAll(`${path}/${id}`, `/${id}`), text)
    .replaceAll(dir, '/bundle')
    .replaceAll(id, 'web1')
    .replaceAll(/time="[^"]*" /g, '')
    .replaceAll(/(\/proc\/|nsexec[-\d]*\[|prlimit |new[ug]idmap |map on )\d+/g, '$1PID')
    .replaceAll(/(RLIMIT_\w+ )\d+:/g, '$1N:')
    .replaceAll(/(usage: )\d+/g, '$1N');
}

function ownCgroups(): string[] {
  const paths = readFileSync('/proc/self/cgroup', 'utf8').match(/(?<=:)\/.+$/gm) ?? [];
  return [...new Set(paths)];
}
