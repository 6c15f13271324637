import assert from 'node:assert/strict';
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { NODE_FLAGS } from '../../src/node-flags.ts';
import { makeBundle, needsRoot } from '../support/bundle.ts';
import { copyCheckout } from '../support/checkout.ts';
import { runCommand } from '../support/command.ts';
import { has } from '../support/host/has.ts';

/* The package that `npm pack` makes from a clean checkout, installed into a project. */

const root = join(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'package-'));
const project = join(scratch, 'project');
const installed = join(project, 'node_modules/davit');
const packed = join(scratch, 'davit.tgz');
/** The packages that davit needs on this machine. */
const PACKAGES = [`node-linux-${process.arch}`, `@koromix/koffi-linux-${process.arch}`];
const davit = join(project, 'node_modules/.bin/davit');
const options = { skip: !has('git') && 'needs git, for a clean checkout' };

before(() => {
  if (options.skip) return;
  pack();
  // As npm install does, but without a download.
  for (const name of PACKAGES) lend(name, project);
  mkdirSync(join(project, 'node_modules/.bin'));
  symlinkSync(`../davit/${packageJson.bin.davit}`, davit);
});
after(() => rmSync(scratch, { recursive: true }));

function pack(): void {
  const checkout = join(scratch, 'checkout');
  copyCheckout(checkout);
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const npm = runCommand('npm', ['pack', '--silent'], { cwd: checkout, timeout: 60_000 });
  assert.equal(npm.status, 0, npm.stderr);
  renameSync(join(checkout, npm.stdout.trim().split('\n').at(-1)!), packed);
  mkdirSync(installed, { recursive: true });
  const unpacked = runCommand('tar', ['-xf', packed, '-C', installed, '--strip-components=1']);
  assert.equal(unpacked.status, 0, unpacked.stderr);
}

/** Gives `to` one of the checkout's packages. */
function lend(name: string, to: string): void {
  const path = join(to, 'node_modules', name);
  mkdirSync(join(path, '..'), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), path);
}

test('one build for both architectures, without Node and without an addon', options, () => {
  const files = globSync('**', { cwd: installed });
  const unwanted = /^dist\/(?:node|davit)$|koffi-\w+\.node$|\.test\.ts$|^(?:src|test|build)\b/;
  assert.deepEqual(
    files.filter((file) => unwanted.test(file)),
    [],
  );
  const builds = files.filter((file) => /^dist\/build-\w+$/.test(file));
  assert.equal(builds.length, 1);
  for (const arch of ['x64', 'arm64']) assert.ok(files.includes(`dist/davit-${arch}`));
  assert.ok(files.includes(`${builds[0]}/LICENSES`));
});

test('the command line works', { skip: options.skip || needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['echo', 'aboard'] });
  const run = (...args: string[]) => bundle.command(davit, '--root', bundle.root, ...args);
  assert.match(run('--version').stdout, /^davit version \d/);
  const { stdout, stderr } = run('run', '--bundle', bundle.dir, bundle.id);
  assert.deepEqual([stdout, stderr], ['aboard\n', '']);
  // A bundled plugin, and one in TypeScript below node_modules that requires options.
  assert.match(run('--plugin=davit/plugins/inject', 'plugins').stdout, /^inject/m);
  const { stderr: asked } = run('--plugin=davit/plugins/seccomp-record', 'plugins');
  assert.match(asked, /plugin seccomp-record: options: output: expected an absolute path/);
});

test('a copy of the template is checked and tested by npm', {
  skip: options.skip || needsRoot,
}, () => {
  const plugin = join(scratch, 'my-plugin');
  cpSync(join(installed, 'plugins/template'), plugin, { recursive: true });
  // npm downloads what is missing. Nothing is.
  for (const name of ['typescript', '@types/node', ...PACKAGES]) lend(name, plugin);
  const npm = (...args: string[]) => {
    const { status, stdout, stderr } = runCommand('npm', args, { cwd: plugin, timeout: 60_000 });
    assert.equal(status, 0, stdout + stderr);
    return stdout + stderr;
  };
  npm('install', '--offline', '--no-audit', '--no-fund', '--save-dev', packed);
  npm('run', 'check');
  assert.match(npm('test'), /^ℹ pass 4$/m);
  assert.match(npm('pack', '--dry-run'), /notice .* index\.ts/);
});

test('ES and CommonJS modules import it', { skip: options.skip || needsRoot }, (t) => {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'exit 7'] });
  const { id, dir, root } = bundle;
  const body = `
    const plugin = definePlugin({ name: 'greeter', adjust: () => ({ env: { GREETING: 'ahoy' } }) });
    new Davit({ root: '${root}', plugins: [plugin] })
      .run({ id: '${id}', bundle: '${dir}' })
      .then(({ exitCode }) => console.log(exitCode, typeof SeccompAgent));`;
  const names = { Davit: 'davit', definePlugin: 'davit/plugin', SeccompAgent: 'davit/seccomp' };
  const header = (line: (name: string, module: string) => string) =>
    Object.entries(names).map(([name, module]) => line(name, module));
  const programs = {
    'program.mjs': header((name, module) => `import { ${name} } from '${module}';`),
    'program.cjs': header((name, module) => `const { ${name} } = require('${module}');`),
  };
  for (const [file, lines] of Object.entries(programs)) {
    writeFileSync(join(project, file), [...lines, body].join('\n'));
    const done = bundle.commandWith({ cwd: project }, process.execPath, ...NODE_FLAGS, file);
    assert.deepEqual([done.stdout, done.stderr], ['7 function\n', ''], file);
  }
});

const CONSUMER = `
  import { Davit, NODE_FLAGS, StageError, type CgroupStats, type Container, type ContainerState, type ProgramResult } from 'davit';
  import { definePlugin, type Plugin } from 'davit/plugin';
  import { TestContainer, type CommandResult } from 'davit/plugin/testing';
  import { nativeSyscalls, SeccompAgent, type SeccompCall } from 'davit/seccomp';

  const plugin: Plugin = definePlugin({
    name: 'greeter',
    adjust: (spec) => ({ env: { GREETING: spec.hostname ?? 'ahoy' } }),
    before: { pivotRoot: async ({ rootfs }) => console.log(rootfs.length) },
    inContainer: { after: { pivotRoot: ({ env }) => env.set('A', 'b') } },
    on: { 'container:created': ({ id }) => console.log(id) },
  });
  // @ts-expect-error There is no such stage.
  definePlugin({ name: 'misspelt', before: { pivotRot: () => {} } });

  export async function life(): Promise<number | undefined> {
    const davit = new Davit({ root: '/run/mine', plugins: [plugin, { plugin, timeout: 100 }] });
    // @ts-expect-error There is no such option.
    new Davit({ roots: '/run/mine' });
    davit.bus.on('stage:after', ({ stage, duration }) => console.log(stage.length, duration.toFixed()));
    const container: Container = await davit.create({ id: 'a', bundle: '/b' });
    await container.start();
    const stats: CgroupStats = await container.stats();
    const { status, pid }: ContainerState = await container.state();
    const controller = new AbortController();
    const ps = container.exec(['ps'], { env: { A: 'b' }, stdout: 'pipe', signal: controller.signal });
    ps.stdout?.on('data', () => ps.kill(9));
    const { exitCode, signal }: ProgramResult = await ps;
    // @ts-expect-error There is no such option.
    container.exec(['ps'], { timout: 5 });
    // @ts-expect-error There is no such stage.
    davit.on('pivotRot:after', () => {});
    davit.on('pivotRoot:after', ({ stage }) => console.log(stage, exitCode, signal));
    // @ts-expect-error There is no such option.
    await container.delete({ forse: true });
    try {
      await davit.run({ id: 'b', bundle: '/b' });
    } catch (error) {
      if (error instanceof StageError) console.log(error.stage, error.message);
    }
    return (await container.wait())?.exitCode ?? Number(stats.pids.current ?? 0) + (status === 'running' ? pid : NODE_FLAGS.length);
  }
  export async function tested(): Promise<CommandResult> {
    await using container = new TestContainer({ plugin: 'index.ts', spec: ({ process }) => { process.args = ['true']; } });
    // @ts-expect-error There is no such option.
    new TestContainer({ plugin: 'index.ts', timout: 5 });
    return await container.run();
  }
  export const names = (call: SeccompCall): boolean => nativeSyscalls().includes(String(call)) || !SeccompAgent;
`;

const BOTH = { module: 'nodenext', files: ['consumer.mts', 'consumer.cts'] };
const NODE_16 = { module: 'node16', files: ['consumer.mts', 'consumer.cts'] };
const COMMONJS = { module: 'commonjs', files: ['consumer.cts'] };

for (const [compiler, { module, files }, skipLibCheck] of [
  // What compiles without skipLibCheck also does with it.
  ['typescript', BOTH, false],
  ['typescript', COMMONJS, true],
  ['typescript-5.9', BOTH, false],
  ['typescript-5.9', COMMONJS, true],
  ['typescript-5.9', NODE_16, false],
] as const) {
  const how = `${compiler}, ${module}, ${skipLibCheck ? 'with' : 'without'} skipLibCheck`;
  test(`a strict project compiles: ${how}`, options, () => {
    const { status, stdout } = compile(compiler, { module, skipLibCheck }, files);
    assert.equal(status, 0, stdout);
  });
}

/** Compiles CONSUMER, in each of `files`. */
function compile(compiler: string, more: Record<string, unknown>, files: readonly string[]) {
  const compilerOptions = {
    ...{ strict: true, target: 'es2022', lib: ['esnext'], noEmit: true, ...more },
    ...{ types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
  };
  for (const file of files) writeFileSync(join(project, file), CONSUMER);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
  return runCommand(process.execPath, [tsc, '-p', project], { cwd: project, timeout: 60_000 });
}
