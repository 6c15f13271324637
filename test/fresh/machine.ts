import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { copyCheckout } from '../support/checkout.ts';
import { type Result, runCommand } from '../support/command.ts';
import { chownTree } from '../support/host/chown-tree.ts';
import { apart } from './root.ts';

const enter = join(import.meta.dirname, 'enter.sh');
const MINUTE = 60_000;

/** A new machine with a checkout of davit in `/src`. `user` owns the checkout. */
export class Machine {
  readonly #lower: string;
  readonly #scratch: string;
  readonly #user: number;

  constructor(t: TestContext, root: string, user: number) {
    this.#lower = root;
    this.#user = user;
    this.#scratch = mkdtempSync(join(tmpdir(), 'machine-'));
    t.after(() => rmSync(this.#scratch, { recursive: true, force: true }));
    const source = join(this.#scratch, 'upper/src');
    copyCheckout(source);
    chownTree(source, user, user);
  }

  /** Writes a file of the checkout. */
  write(path: string, text: string): void {
    writeFileSync(join(this.#scratch, 'upper/src', path), text);
  }

  /** Runs a shell command in the checkout as its owner. */
  run(command: string): Result {
    return this.#run(command, this.#user);
  }

  runAsRoot(command: string): Result {
    return this.#run(command, 0);
  }

  #run(command: string, user: number): Result {
    const as =
      user === 0 ? [] : ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
    const env = [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `HOME=${user === 0 ? '/root' : '/src/home'}`,
      `DAVIT_TEST_RUN=${process.env.DAVIT_TEST_RUN}`,
      `npm_config_registry=${hostsNpm('registry')}`,
      'npm_config_cafile=/etc/ssl/certs/ca-certificates.crt',
    ];
    const inside = [this.#lower, this.#scratch, ...env, ...as, 'sh', '-c', `cd /src && ${command}`];
    return runCommand('unshare', [...apart, enter, ...inside], { timeout: 10 * MINUTE });
  }
}

function hostsNpm(setting: string): string {
  return spawnSync('npm', ['config', 'get', setting], { cwd: '/', encoding: 'utf8' }).stdout.trim();
}
