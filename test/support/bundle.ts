import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { defaultSpec } from '../../src/config/default-spec.ts';
import type { Linux, Process, Spec } from '../../src/config/types.ts';
import { type CommandOptions, DAVIT, type Result, runCommand, startCommand } from './command.ts';
import { chownTree } from './host/chown-tree.ts';
import { isDelegated, ownUser } from './host/own-user.ts';
import type { User } from './host/user.ts';
import { fillRootfs } from './rootfs.ts';
import { mountsOf, whatIsLeft } from './run/leftovers.ts';
import { waitFor } from './wait-for.ts';

/** The path of each runtime's binary. Runtimes other than davit are the machine's. */
export type RuntimeName = 'davit' | 'runc' | 'crun';

/** The default configuration, with its optional parts typed as present. */
export type TestSpec = Spec & {
  process: Process;
  root: NonNullable<Spec['root']>;
  mounts: NonNullable<Spec['mounts']>;
  linux: Linux & { namespaces: NonNullable<Linux['namespaces']> };
};

export interface BundleOptions {
  args?: string[];
  /** Changes the default configuration in place. */
  spec?: ((spec: TestSpec) => void) | undefined;
  runtime?: RuntimeName;
  /** Default: a busybox with its applets. `none`: an empty directory. */
  rootfs?: 'busybox' | 'none';
  /**
   * The user who owns the bundle and runs it, with the rootless configuration. Default: the user
   * who runs the tests.
   */
  user?: User | undefined;
}

/** Skips a test that needs root and nothing else. */
export const needsRoot = process.geteuid!() === 0 ? false : 'needs root';

/** Skips a test that needs root, or an ordinary user with a cgroup of its own. */
export const needsContainers =
  needsRoot && !isDelegated() ? 'needs root, or a delegated cgroup' : false;

/** Number of the bundle in this process, for the names of directories and containers. */
const PREFIX = `dt-${process.pid}-`;
let made = 0;

/**
 * Makes a bundle in its own directory, with its own --root. The bundle is removed after the test. A
 * check after all tests of the process finds what it left.
 */
export function makeBundle(t: TestContext, options: BundleOptions = {}): Bundle {
  const bundle = new Bundle(options);
  t.after(() => bundle.remove());
  return bundle;
}

// This check looks through the whole machine, which takes as long as a container.
after(() => {
  if (made > 0) assert.deepEqual(whatIsLeft(PREFIX), []);
});

export class Bundle {
  /** The directory that holds everything of the bundle. */
  readonly dir: string;
  readonly rootfs: string;
  /** The value of --root. */
  readonly root: string;
  readonly traces: string;
  readonly id: string;
  readonly name: RuntimeName;
  readonly user: User | undefined;

  constructor(options: BundleOptions) {
    const { args = ['true'], spec, runtime = 'davit', rootfs = 'busybox' } = options;
    this.user = options.user ?? ownUser();
    this.dir = mkdtempSync(join(tmpdir(), PREFIX));
    chmodSync(this.dir, 0o755);
    // Contains the test run's name, so that the check for leftovers finds the container.
    this.id = `${basename(tmpdir())}-${basename(this.dir)}-${made++}`;
    this.rootfs = join(this.dir, 'rootfs');
    this.root = join(this.dir, 'root');
    this.traces = join(this.dir, 'traces');
    this.name = runtime;
    mkdirSync(this.rootfs);
    if (rootfs === 'busybox') fillRootfs(this.rootfs);
    this.configure((config) => {
      config.process.args = args;
      spec?.(config);
    });
    if (this.user) chownTree(this.dir, this.user.uid, this.user.gid);
  }

  /** Writes config.json: the default configuration without a terminal, changed by `change`. */
  configure(change: (spec: TestSpec) => void): void {
    const { user } = this;
    const spec = defaultSpec(user && { rootless: true, uid: user.uid, gid: user.gid }) as TestSpec;
    spec.process.terminal = false;
    change(spec);
    writeFileSync(join(this.dir, 'config.json'), JSON.stringify(spec));
  }

  /** Runs a command of the bundle's runtime with its --root. */
  runtime(...args: string[]): Result {
    return this.runtimeWith({}, ...args);
  }

  runtimeWith(options: CommandOptions, ...args: string[]): Result {
    return runCommand(this.binary, ['--root', this.root, ...args], this.#withTraces(options));
  }

  /**
   * Runs a command of davit that is not the subject of the test. Uses the test run's server, which
   * takes only a small part of the time.
   */
  served(...args: string[]): Result {
    const server = process.env.DAVIT_TEST_SERVER;
    return this.runtimeWith(server ? { env: { DAVIT_SERVER: server } } : {}, ...args);
  }

  /** Runs another program with the runtime's environment. */
  command(program: string, ...args: string[]): Result {
    return this.commandWith({}, program, ...args);
  }

  commandWith(options: CommandOptions, program: string, ...args: string[]): Result {
    return runCommand(program, args, this.#withTraces(options));
  }

  /** Starts a command of the bundle's runtime and leaves it running. */
  startRuntime(options: CommandOptions, ...args: string[]) {
    return startCommand(this.binary, ['--root', this.root, ...args], this.#withTraces(options));
  }

  create(...flags: string[]): Result {
    return this.runtime('create', ...flags, '--bundle', this.dir, this.id);
  }

  start(): Result {
    return this.runtime('start', this.id);
  }

  run(...flags: string[]): Result {
    return this.runtime('run', ...flags, '--bundle', this.dir, this.id);
  }

  exec(...args: string[]): Result {
    return this.runtime('exec', this.id, ...args);
  }

  /** Runs `run --detach`, which must succeed. */
  runDetached(...flags: string[]): void {
    const done = this.run('--detach', ...flags);
    assert.equal(done.status, 0, done.stderr);
  }

  /** The state as the runtime prints it. */
  state(): { status: string; pid: number; [field: string]: unknown } {
    const { status, stdout, stderr } = this.served('state', this.id);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  }

  /** Writes a file in the rootfs. Returns its path on the host. */
  write(path: string, text: string, mode = 0o644): string {
    const file = join(this.rootfs, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  }

  read(path: string): string {
    return readFileSync(join(this.rootfs, path), 'utf8');
  }

  /**
   * Expects that the container left no state directory, cgroup, mount, process or network device.
   */
  expectNothingLeft(): void {
    assert.deepEqual(this.#left(), []);
  }

  /** Expects the same of processes that were killed, or that were not waited for: they need time. */
  async expectNothingLeftSoon(): Promise<void> {
    let left: string[] = [];
    const isClean = () => {
      left = this.#left();
      return left.length === 0;
    };
    await waitFor(isClean).catch(() => {});
    assert.deepEqual(left, []);
  }

  #left(): string[] {
    // The part of the name that the container's id contains as well.
    const left = whatIsLeft(basename(this.dir));
    return this.#isThere() ? [...left, `state directory of ${this.id}`] : left;
  }

  /** Removes the bundle, and the container if there is one. */
  remove(): void {
    if (this.#isThere()) {
      const { stderr } = this.served('delete', '--force', this.id);
      assert.ok(!this.#isThere(), stderr);
    }
    // A remaining mount might show the host's files: removing must not enter it.
    assert.deepEqual(mountsOf(this.dir), []);
    rmSync(this.dir, { recursive: true, force: true });
  }

  #isThere(): boolean {
    return existsSync(join(this.root, this.id));
  }

  get binary(): string {
    if (this.name === 'crun') return join(import.meta.dirname, 'crun.sh');
    return this.name === 'davit' ? DAVIT : this.name;
  }

  #withTraces(options: CommandOptions): CommandOptions {
    const env = { DAVIT_TRACE_DIR: this.traces, ...options.env };
    if (!this.user) return { ...options, env };
    const { uid, gid, home: HOME, runtimeDir: XDG_RUNTIME_DIR } = this.user;
    return { uid, gid, ...options, env: { HOME, XDG_RUNTIME_DIR, ...env } };
  }
}
