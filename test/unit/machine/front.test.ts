import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { elf64 } from '../../../src/init/trampoline/elf.ts';
import type { MachineArch } from '../../../src/machine/assembler.ts';
import { frontProgram } from '../../../src/machine/front/front.ts';
import { has } from '../../support/host/has.ts';
import { patience } from '../../support/patience.ts';

/* The front as the build makes it, with a loader of the test and this machine's Node. */

const EMULATORS = { x64: 'qemu-x86_64-static', arm64: 'qemu-aarch64-static' };

const settings = {
  build: 'build-0',
  loader: 'files/loader.cjs',
  flags: ['--no-warnings', '--max-opt=0'],
  moved: ['NODE_PATH', 'NODE_OPTIONS', 'LD_PRELOAD'],
  prefix: 'CALLER_',
  nofile: 'TOLD_NOFILE',
};

const LOADER = `
  const { argv, env, execArgv } = process;
  console.log(JSON.stringify({ arguments: [...execArgv, ...argv.slice(1)], env }));`;

type Environment = Record<string, string>;

class Installed {
  readonly directory: string;
  readonly #command: string[];

  constructor(t: TestContext, arch: MachineArch, node = 'node') {
    const top = mkdtempSync(join(tmpdir(), 'davit-front-'));
    t.after(() => rmSync(top, { recursive: true }));
    this.directory = join(top, 'node_modules/davit/dist');
    const front = join(this.directory, 'davit');
    this.write(settings.loader, LOADER);
    this.write('davit', elf64(arch, frontProgram(arch, settings).code));
    chmodSync(front, 0o755);
    mkdirSync(join(this.directory, node, '..'), { recursive: true });
    symlinkSync(process.execPath, join(this.directory, node));
    this.#command = process.arch === arch ? [front] : [EMULATORS[arch], front];
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    writeFileSync(join(this.directory, path), content);
  }

  run(env: Environment, ...args: string[]) {
    const [file, ...before] = this.#command;
    const { status, stdout, stderr } = spawnSync(file!, [...before, ...args], {
      env,
      encoding: 'utf8',
      timeout: patience(20_000),
      killSignal: 'SIGKILL',
    });
    return { status, stdout, stderr };
  }

  /** What the loader received. */
  start(env: Environment, ...args: string[]): { arguments: string[]; env: Environment } {
    const { status, stdout, stderr } = this.run(env, ...args);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    return JSON.parse(stdout);
  }

  expectRefusal(line: RegExp, env: Environment = {}): void {
    const { status, stdout, stderr } = this.run(env, 'x');
    assert.match(stderr, line);
    assert.deepEqual([status, stdout, stderr.split('\n').length], [1, '', 2]);
  }
}

for (const arch of ['x64', 'arm64'] as const) {
  const skip = process.arch !== arch && !has(EMULATORS[arch]) && `needs ${EMULATORS[arch]}`;
  suite(`the front of ${arch}`, { skip }, () => {
    test('Node gets its flags, the loader and the arguments', (t) => {
      const installed = new Installed(t, arch);
      const loader = join(installed.directory, settings.loader);
      for (const args of [[], ['a', '', '--b=c d', 'ä'.repeat(5000)]]) {
        const got = installed.start({}, ...args);
        assert.deepEqual(got.arguments, [...settings.flags, loader, ...args]);
      }
    });

    test('variables that would change Node are renamed, all others are passed on', (t) => {
      const long = 'x'.repeat(100_000);
      const same = { NODE_OPTION: 'a', NODE_OPTIONS_: 'b', XNODE_PATH: 'c', EMPTY: '', LONG: long };
      const { env } = new Installed(t, arch).start({
        NODE_PATH: '',
        ...same,
        TOLD_NOFILE: 'false',
        NODE_OPTIONS: long,
      });
      const { TOLD_NOFILE, ...others } = env;
      assert.match(TOLD_NOFILE!, /^\d+$/);
      assert.deepEqual(others, { ...same, CALLER_NODE_PATH: '', CALLER_NODE_OPTIONS: long });
    });

    test('Node is found also where npm installs it', (t) => {
      for (const above of ['../node_modules', '../..']) {
        const installed = new Installed(t, arch, `${above}/node-linux-${arch}/bin/node`);
        assert.equal(installed.start({}, 'x').arguments.at(-1), 'x');
      }
    });

    test('one line says what is missing', (t) => {
      new Installed(t, arch, 'elsewhere').expectRefusal(
        /^davit: cannot start: its Node, .* is missing in \/.*\/dist\/: build or install davit again\n/,
      );
      const installed = new Installed(t, arch);
      rmSync(join(installed.directory, settings.loader));
      installed.expectRefusal(
        /^davit: cannot start: \/.*\/dist\/files\/loader.cjs is missing or cannot be read: build/,
      );
    });

    test('one line says why Node cannot be executed', (t) => {
      const installed = new Installed(t, arch, 'elsewhere');
      installed.write('node', 'not to be executed');
      installed.expectRefusal(
        /^davit: cannot start: its Node cannot be executed: errno 13 of execve\(2\)\n/,
      );
    });
  });
}
