import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSpec } from '../../src/config/default-spec.ts';
import type { Spec } from '../../src/config/types.ts';
import { hostRootfs } from '../../src/plugins/testing/host-rootfs.ts';
import { type Step, terminalSvg } from './terminal-svg.ts';

/*
 * `node tools/recordings/record.ts`, as root after `npm run build`, makes the README's recordings:
 * docs/recordings/*.svg. Each command runs at a terminal of script(1).
 */

const root = join(import.meta.dirname, '../..');
const COLUMNS = 96;
const TRIES = 10;
const directory = mkdtempSync(join(tmpdir(), 'davit-recording-'));

try {
  mkdirSync(join(directory, 'bin'));
  symlinkSync(join(root, 'dist/davit'), join(directory, 'bin/davit'));
  const hello = ['sh', '-c', 'echo hello from $(hostname)'];
  makeBundle('web1', (spec) => Object.assign(spec.process!, { args: hello }));
  makeBundle('web2', (spec) => Object.assign(spec.process!, { args: ['/start.sh'] }));
  writeFileSync(join(directory, 'web2/rootfs/start.sh'), '#!/opt/bin/bash\n', { mode: 0o755 });
  makeBundle('web3', (spec) => {
    spec.mounts!.push({ destination: '/data', type: 'tmpfs', options: ['nosuidd'] });
  });
  record('trace', 'A container runs, and davit trace shows where its time went', [
    'davit run --bundle web1 web1',
    'davit trace --last web1',
  ]);
  record('failures', 'Failures name the stage, the field, the system call and what to do', [
    'davit run --bundle web2 web2',
    'davit run --bundle web3 web3',
    'davit stop web1',
    'davit run --bundel web1 web1',
  ]);
} finally {
  rmSync(directory, { recursive: true });
}

/** The default configuration on the host's own system files. */
function makeBundle(name: string, change: (spec: Spec) => void): void {
  const bundle = join(directory, name);
  mkdirSync(bundle);
  const spec = defaultSpec();
  spec.hostname = name;
  spec.mounts = [...spec.mounts!, ...hostRootfs(join(bundle, 'rootfs'))];
  spec.process!.terminal = false;
  change(spec);
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
}

/** Keeps the quickest of some tries: what else the machine does is not the subject. */
function record(name: string, title: string, commands: readonly string[]): void {
  const tries = Array.from({ length: TRIES }, () => {
    const begin = performance.now();
    const steps = commands.map(run);
    return { steps, duration: performance.now() - begin };
  });
  const [{ steps } = { steps: [] }] = tries.toSorted((a, b) => a.duration - b.duration);
  writeFileSync(join(root, `docs/recordings/${name}.svg`), terminalSvg(steps, COLUMNS, title));
}

function run(command: string): Step {
  const file = join(directory, 'typescript');
  const line = `stty cols ${COLUMNS} rows 50; ${command}`;
  spawnSync('script', ['--quiet', '--command', line, '--log-out', file], {
    cwd: directory,
    env: {
      PATH: `${join(directory, 'bin')}:${process.env.PATH}`,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      DAVIT_TRACE_DIR: join(directory, 'traces'),
      DAVIT_CONFIG: '',
    },
    stdio: 'ignore',
  });
  // script(1) writes a line of its own before and after.
  const output = readFileSync(file, 'utf8').split('\n').slice(1, -2).join('\n');
  return { command, output };
}
