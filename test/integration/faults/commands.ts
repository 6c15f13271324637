import { join } from 'node:path';
import { nodeFlags } from '../../../tools/build/node-options.ts';
import type { Bundle } from '../../support/bundle.ts';
import type { Result } from '../../support/command.ts';
import { builtFiles } from '../../support/run/build.ts';

/** A command whose system calls are made to fail. */
export interface Command {
  name: string;
  args(bundle: Bundle): string[];
  /**
   * Brings the container into the state that the command needs. An existing container may be
   * reused.
   */
  prepare(bundle: Bundle): void;
  /** Checks the container after the command reported success. Returns the problem, if any. */
  check(bundle: Bundle, done: Result): string | undefined;
}

const is = (bundle: Bundle, expected: string): string | undefined => {
  const { stdout, stderr } = bundle.runtime('state', bundle.id);
  const status = /"status": "(\w+)"/.exec(stdout)?.[1] ?? stderr.trim();
  return status === expected ? undefined : `success, but the container is ${status}`;
};

/** {@link Command.check} for a program that cannot be executed. */
export function programFailed(bundle: Bundle, { stderr }: Result): string | undefined {
  if (!/^exec sleep: [a-z]/m.test(stderr)) return `no word of the program, but ${stderr}`;
  return is(bundle, 'stopped');
}

function need({ status, stderr }: Result): void {
  if (status !== 0) throw new Error(`cannot prepare: ${stderr}`);
}

const isThere = (bundle: Bundle): boolean => bundle.runtime('state', bundle.id).status === 0;

const running = (bundle: Bundle): void => {
  if (isThere(bundle)) return;
  need(bundle.run('--detach'));
};

export const commands: Command[] = [
  {
    name: 'create',
    args: ({ dir, id }) => ['create', '--bundle', dir, '--pid-file', join(dir, 'pid'), id],
    prepare: () => {},
    check: (bundle) => is(bundle, 'created'),
  },
  {
    name: 'run',
    args: ({ dir, id }) => ['run', '--detach', '--bundle', dir, '--pid-file', join(dir, 'pid'), id],
    prepare: () => {},
    check: (bundle) => is(bundle, 'running'),
  },
  {
    name: 'start',
    args: ({ id }) => ['start', id],
    prepare: (bundle) => need(bundle.create()),
    check: (bundle) => is(bundle, 'running'),
  },
  {
    name: 'exec',
    args: ({ id }) => ['exec', id, 'echo', 'ok'],
    prepare: running,
    check: (_bundle, { stdout }) => (stdout === 'ok\n' ? undefined : `success, but ${stdout}`),
  },
  {
    name: 'kill',
    args: ({ id }) => ['kill', id, 'WINCH'],
    prepare: running,
    check: (bundle) => is(bundle, 'running'),
  },
  {
    name: 'delete',
    args: ({ id }) => ['delete', '--force', id],
    prepare: running,
    check: (bundle) => (isThere(bundle) ? 'success, but the container is there' : undefined),
  },
];

/** The arguments with which davit's front executes Node. */
export const davitArgv = (args: readonly string[]): [string, ...string[]] => [
  process.execPath,
  ...nodeFlags,
  join(builtFiles(), 'loader.cjs'),
  ...args,
];
