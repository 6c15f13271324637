import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { MOVED_PREFIX } from '../src/caller/caller-environment.ts';
import { hasErrno } from '../src/errors/syscall-error.ts';
import { NOFILE_VARIABLE } from '../src/init/parent/inherited-nofile.ts';
import { elf64 } from '../src/init/trampoline/elf.ts';
import { hostArch } from '../src/machine/assembler.ts';
import { frontProgram } from '../src/machine/front/front.ts';
import { launcherProgram } from '../src/machine/launcher/launcher.ts';
import { reaperProgram } from '../src/machine/reaper/reaper.ts';
import { bundle, bundleForAgents, bundleModule } from './build/bundle/bundle.ts';
import { bundlePlugins } from './build/bundle/bundle-plugins.ts';
import { thirdPartyLicenses } from './build/bundle/third-party.ts';
import { writeCodeCaches } from './build/code-cache/code-cache.ts';
import { describeCommit } from './build/commit.ts';
import { writeDeclarations } from './build/files/declarations.ts';
import { manifest } from './build/files/manifest.ts';
import { writeShellFiles } from './build/files/shell-files.ts';
import { tracePage } from './build/files/trace-page.ts';
import { nodeEnvironment, nodeFlags } from './build/node-options.ts';
import { containerdShim } from './build/start/containerd-shim.ts';

/*
 * Builds dist/: `davit`, a small program that starts davit's own `node` on the files of one
 * directory, which is named after their content. The program is replaced last, atomically, and the
 * previous directory stays: a davit that runs during a build keeps its files.
 */

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const koffiAddon = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'dist') },
    // For npm pack: with declarations, and without files of earlier builds.
    package: { type: 'boolean', default: false },
  },
});
const dist = resolve(values.out);

mkdirSync(dist, { recursive: true });
const node = provideNode();
const fresh = join(dist, `.new-${process.pid}`);
try {
  mkdirSync(fresh);
  await fill(fresh);
  const name = `build-${contentHash(fresh)}`;
  if (!statSync(join(dist, name), { throwIfNoEntry: false })) {
    writeCodeCaches(node, fresh);
    install(fresh, join(dist, name));
  }
  writeCommit(name);
  await writeLibrary(name);
  await writeModules();
  writeSeccompApi(name);
  writeFronts(name);
  await writeShellFiles(dist);
  if (values.package) writeDeclarations(root, join(dist, 'types'));
  removeOld(name, values.package ? 0 : 1);
} finally {
  rmSync(fresh, { recursive: true, force: true });
}

/** Makes dist/node, the pinned Node, as a hard link where possible. Returns the path of a Node. */
function provideNode(): string {
  const packaged = require.resolve(`node-linux-${process.arch}/bin/node`);
  const path = join(dist, 'node');
  if (statSync(path, { throwIfNoEntry: false })?.ino === statSync(packaged).ino) return path;
  const temporary = `${path}.${process.pid}`;
  try {
    linkSync(packaged, temporary);
  } catch {
    // dist/ is on another file system. The checkout's own davit finds Node in node_modules.
    rmSync(path, { force: true });
    if (dist === join(root, 'dist')) return packaged;
    copyFileSync(packaged, temporary);
  }
  renameSync(temporary, path);
  return path;
}

/** The commit for `davit --version`: not in the content hash, as commits may build the same. */
function writeCommit(name: string): void {
  replaceFile(`${name}/commit`, describeCommit(root) ?? name);
}

/** Moves the directory into place. Another build may have made the same one meanwhile. */
function install(made: string, path: string): void {
  try {
    renameSync(made, path);
  } catch (error) {
    if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}

async function fill(directory: string): Promise<void> {
  const inputs = [
    ...(await bundle(join(root, 'src'), directory)),
    ...(await bundlePlugins(root, directory)),
  ];
  writeFileSync(join(directory, 'LICENSES'), thirdPartyLicenses(inputs));
  await bundleForAgents(join(root, 'src'), directory);
  for (const name of ['loader.cjs', 'library.cjs', 'shim.cjs']) {
    copyFileSync(join(root, 'tools/build/start', name), join(directory, name));
  }
  writeFileSync(join(directory, 'oclif.manifest.json'), await manifest());
  writeFileSync(join(directory, 'trace-page.html'), tracePage(join(root, 'src')));
  copyFileSync(require.resolve(koffiAddon), join(directory, `koffi-${process.arch}.node`));
}

function contentHash(directory: string): string {
  const hash = createHash('sha256').update(process.version).update(nodeFlags.join(' '));
  for (const name of ['warm-up.cjs', 'compile-shim.cjs']) {
    hash.update(readFileSync(join(root, 'tools/build/code-cache', name)));
  }
  for (const name of readdirSync(directory).sort()) {
    hash.update(name).update(readFileSync(join(directory, name)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** dist/index.js and index.cjs: what `import … from 'davit'` and `require('davit')` load. */
async function writeLibrary(name: string): Promise<void> {
  const names = Object.keys(await import('../src/index.ts')).sort();
  replaceFile(
    'index.js',
    `import library from './${name}/library.cjs';\nexport const { ${names.join(', ')} } = library;\n`,
  );
  replaceFile('index.cjs', `module.exports = require('./${name}/library.cjs');\n`);
}

/** dist/seccomp.js: the module that `import … from 'davit/seccomp'` loads. */
function writeSeccompApi(name: string): void {
  replaceFile('seccomp.js', `export * from './${name}/seccomp.js';\n`);
}

function replaceFile(name: string, content: string | Uint8Array, mode = 0o644): void {
  const temporary = join(dist, `.new-${process.pid}-${basename(name)}`);
  writeFileSync(temporary, content);
  chmodSync(temporary, mode);
  renameSync(temporary, join(dist, name));
}

/**
 * dist/plugin.js and dist/plugin-testing.js: the modules that `import … from 'davit/plugin'` and
 * `'davit/plugin/testing'` load, in davit and in tests.
 */
async function writeModules(): Promise<void> {
  const modules = {
    plugin: 'plugins/api.ts',
    'plugin-testing': 'plugins/testing/test-container.ts',
  };
  for (const [name, module] of Object.entries(modules)) {
    const temporary = join(dist, `.${name}-${process.pid}`);
    await bundleModule(join(root, 'src', module), temporary);
    renameSync(temporary, join(dist, `${name}.js`));
  }
}

/**
 * dist/davit for this machine. For the package, one for each architecture, and davit.sh. What
 * embedding programs use: dist/davit-reaper and dist/davit-launcher.
 */
function writeFronts(name: string): void {
  for (const arch of ['x64', 'arm64'] as const) {
    const { code } = frontProgram(arch, {
      build: name,
      loader: `${name}/loader.cjs`,
      flags: nodeFlags,
      moved: nodeEnvironment,
      prefix: MOVED_PREFIX,
      nofile: NOFILE_VARIABLE,
    });
    replaceFile(`davit-${arch}`, elf64(arch, code), 0o755);
    if (arch === hostArch()) replaceFile('davit', elf64(arch, code), 0o755);
    for (const [name, program] of Object.entries({
      reaper: reaperProgram,
      launcher: launcherProgram,
    }))
      replaceFile(`davit-${name}-${arch}`, elf64(arch, program(arch).code), 0o755);
  }
  replaceFile('davit.sh', readFileSync(join(root, 'tools/build/start/davit.sh')), 0o755);
  replaceFile('containerd-shim-davit-v1', containerdShim(name), 0o755);
}

/** Removes earlier builds, except the latest `kept` ones. */
function removeOld(current: string, kept: number): void {
  const old = readdirSync(dist)
    .filter((name) => name.startsWith('build-') && name !== current)
    .sort((a, b) => statSync(join(dist, b)).mtimeMs - statSync(join(dist, a)).mtimeMs);
  for (const name of old.slice(kept)) rmSync(join(dist, name), { recursive: true, force: true });
}
