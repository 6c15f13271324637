import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '../../support/bundle.ts';
import { DAVIT, type Result } from '../../support/command.ts';

/** A command to run under the filter. Containers that it needs are made without the filter. */
export const COMMANDS = ['run', 'create + start', 'exec', 'kill', 'delete --force'] as const;

export type Command = (typeof COMMANDS)[number];

/** The output after a success, or the error. */
export type Outcome = 'ok' | string;

/**
 * Runs a davit command under the filter of the program `refuser`. Nothing may be left afterwards.
 */
export function attempt(bundle: Bundle, refuser: string, command: Command): Outcome {
  const refused = (...args: string[]): Result =>
    bundle.command(refuser, DAVIT, '--root', bundle.root, ...args);
  try {
    return ATTEMPTS[command](bundle, refused);
  } finally {
    if (existsSync(join(bundle.root, bundle.id))) bundle.runtime('delete', '--force', bundle.id);
  }
}

type Refused = (...args: string[]) => Result;

const ATTEMPTS: Record<Command, (bundle: Bundle, davit: Refused) => Outcome> = {
  run: (bundle, davit) => {
    program(bundle, 'echo ok');
    return expected(davit('run', '--bundle', bundle.dir, bundle.id), 'ok\n');
  },
  'create + start': (bundle, davit) => {
    program(bundle, 'echo ok > /dev/shm/said; exec sleep 1000');
    const created = expected(davit('create', '--bundle', bundle.dir, bundle.id));
    return created === 'ok' ? expected(davit('start', bundle.id)) : created;
  },
  exec: (bundle, davit) => {
    program(bundle, 'exec sleep 1000');
    bundle.runDetached();
    return expected(davit('exec', bundle.id, 'sh', '-c', 'echo ok'), 'ok\n');
  },
  kill: (bundle, davit) => {
    program(bundle, 'exec sleep 1000');
    bundle.runDetached();
    const killed = expected(davit('kill', bundle.id, 'KILL'));
    return killed === 'ok' ? ends(bundle) : killed;
  },
  'delete --force': (bundle, davit) => {
    program(bundle, 'exec sleep 1000');
    bundle.runDetached();
    const deleted = expected(davit('delete', '--force', bundle.id));
    if (deleted === 'ok' && existsSync(join(bundle.root, bundle.id))) return 'it is still there';
    return deleted;
  },
};

const program = (bundle: Bundle, script: string): void =>
  bundle.configure((spec) => {
    spec.process.args = ['sh', '-c', script];
    spec.mounts.push(
      { destination: '/mnt', type: 'bind', source: '/usr', options: ['rbind', 'ro', 'nosuid'] },
      { destination: '/tmp', type: 'tmpfs', options: ['ro', 'noexec'] },
    );
  });

function expected({ status, signal, stdout, stderr }: Result, text = ''): Outcome {
  if (status === 0 && stdout === text && stderr === '') return 'ok';
  return [signal ?? `status ${status}`, `${stdout}${stderr}`.trim()].join(': ');
}

function ends(bundle: Bundle): Outcome {
  for (let tries = 0; tries < 50; tries++) {
    if (bundle.state().status === 'stopped') return 'ok';
  }
  return 'it still runs';
}
