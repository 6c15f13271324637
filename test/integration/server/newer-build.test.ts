import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { builtFiles } from '../../support/run/build.ts';
import { waitFor } from '../../support/wait-for.ts';

/** A copy of the build in a directory where newer builds can be installed. */
class Installation {
  readonly dist: string;
  readonly env: Record<string, string>;
  readonly #name = basename(builtFiles());

  constructor(directory: string) {
    this.dist = join(directory, 'dist');
    this.env = { DAVIT_SERVER: join(directory, 'socket') };
    mkdirSync(this.dist);
    symlinkSync(realNode(), join(this.dist, 'node'));
    cpSync(builtFiles(), join(this.dist, this.#name), { recursive: true });
    this.#writeFront(readFileSync(DAVIT));
  }

  get front(): string {
    return join(this.dist, `davit-${process.arch}`);
  }

  /** Installs the same build under another name. */
  replace(): void {
    const other = this.#name.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    cpSync(join(this.dist, this.#name), join(this.dist, other), { recursive: true });
    const text = readFileSync(this.front, 'latin1').replaceAll(this.#name, other);
    this.#writeFront(Buffer.from(text, 'latin1'));
  }

  run(...args: string[]) {
    return runCommand(this.front, args, { env: this.env });
  }

  #writeFront(bytes: Uint8Array): void {
    writeFileSync(`${this.front}.new`, bytes);
    chmodSync(`${this.front}.new`, 0o755);
    renameSync(`${this.front}.new`, this.front);
  }
}

const realNode = (): string => {
  const own = join(dirname(DAVIT), 'node');
  return existsSync(own) ? own : process.execPath;
};

test('a server executes a newer build in place: same pid, same socket', {
  skip: needsRoot,
}, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'server-build-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const installed = new Installation(directory);
  const server = spawn(installed.front, ['serve'], {
    env: { ...process.env, ...installed.env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(server, 'exit');
  t.after(() => server.kill('SIGKILL'));
  const isServed = () => installed.run('serve', '--status').stdout.includes(`pid ${server.pid},`);
  await waitFor(isServed);
  installed.replace();
  const { stderr } = installed.run('state', 'x');
  assert.equal(stderr, 'davit: state x: container does not exist\n');
  await waitFor(isServed);
  assert.equal(installed.run('state', 'x').stderr, stderr);
  assert.match(installed.run('serve', '--status').stdout, /^state +1 /m);
  server.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
});
