'use strict';
/*
 * warm-up.cjs DIRECTORY COMMAND SCRATCH: runs COMMAND and saves the bytecode that V8 makes of
 * main.js meanwhile as DIRECTORY/COMMAND-ARCH.cache. The command runs for real if machine and user
 * allow it. `library` runs index.js as an embedding program does. SCRATCH is an empty directory for
 * bundles and state, and its name begins the ids of the containers. The caller removes both.
 *
 * A forked init is a copy of this process, and compiles there what it runs. So the command runs
 * twice, and the second init writes the cache itself, right before it executes the container's
 * program.
 */
const { spawnSync } = require('node:child_process');
const {
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} = require('node:fs');
const { basename, join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const EXECVEAT = { x64: 322, arm64: 281 }[process.arch];
const [, , directory, command, scratch] = process.argv;
const { dlopen } = process;
const id = basename(scratch);
const globals = ['--root', join(scratch, 'root'), '--log', join(scratch, 'log')];

setFlagsFromString('--no-flush-bytecode');
const filename = join(directory, command === 'library' ? 'index.js' : 'main.js');
const script = new Script(readFileSync(filename, 'latin1'), { filename });
const start = script.runInThisContext();
const cache = openSync(join(directory, `${command}-${process.arch}.cache`), 'w');

function save() {
  // V8 refuses a cache that was made with other flags than those with which it is read.
  setFlagsFromString('--flush-bytecode');
  const data = script.createCachedData();
  setFlagsFromString('--no-flush-bytecode');
  ftruncateSync(cache);
  writeSync(cache, data, 0, data.length, 0);
}

/** Wraps koffi: execveat(2), which only init calls, first saves the cache. */
process.dlopen = (module, path) => {
  dlopen.call(process, module, path);
  const koffi = module.exports;
  module.exports = over(koffi, { load: (name) => saving(koffi.load(name)) });
};

function saving(library) {
  return over(library, {
    func(...prototype) {
      const native = library.func(...prototype);
      if (prototype[0] === 'int _exit(int status)')
        return exiting(native, library.func('int getpid()'));
      if (prototype[0] !== 'syscall') return native;
      return (number, ...args) => {
        if (number === EXECVEAT) save();
        return native(number, ...args);
      };
    },
  });
}

function over(target, replaced) {
  return new Proxy(target, {
    get(_, name) {
      const value = replaced[name] ?? target[name];
      return typeof value === 'function' && !replaced[name] ? value.bind(target) : value;
    },
  });
}

let ended;

/** _exit(2) of a command that runs in this process: ends a fork, but not the process itself. */
const exiting = (exit, getpid) => (status) => {
  if (getpid() !== process.pid) exit(status);
  ended();
};

/** Runs one command in this process, as the loader would run it. */
function davit(...args) {
  return new Promise((resolve) => {
    process.argv = ['node', 'loader.cjs', ...globals, '--log-format', 'json', ...args];
    ended = resolve;
    start({}, require, {}, filename, directory);
  });
}

// exitNow throws when _exit(2) returns, as it does here.
process.on('unhandledRejection', () => {});

/** Runs one command in a process of its own, to prepare. */
function aside(...args) {
  const loader = join(directory, 'loader.cjs');
  spawnSync(process.execPath, [...process.execArgv, loader, ...globals, ...args], {
    stdio: 'ignore',
    cwd: scratch,
    timeout: 10_000,
    killSignal: 'SIGKILL',
  });
}

/** Makes a bundle whose rootfs has the host's system directories. */
function bundle(name, args) {
  const path = join(scratch, name);
  mkdirSync(join(path, 'rootfs'), { recursive: true });
  aside('spec', '--bundle', path);
  const file = join(path, 'config.json');
  if (!existsSync(file)) return path;
  const spec = JSON.parse(readFileSync(file, 'utf8'));
  spec.process.terminal = false;
  spec.process.args = args;
  for (const source of ['/bin', '/lib', '/lib64', '/usr'].filter((path) => existsSync(path))) {
    spec.mounts.push({ destination: source, source, type: 'bind', options: ['rbind', 'ro'] });
  }
  writeFileSync(file, JSON.stringify(spec));
  return path;
}

const commands = {
  async create() {
    const launch = ['--bundle', bundle('true', ['true']), '--pid-file', join(scratch, 'pid')];
    await davit('create', ...launch, `${id}-a`);
    // `create` leaves an init that has not executed its program. `run` compiles that part as well.
    await davit('run', ...launch, `${id}-b`);
  },
  async run() {
    const launch = ['--bundle', bundle('true', ['true'])];
    await davit('run', ...launch, `${id}-a`);
    await davit('run', ...launch, `${id}-b`);
  },
  async start() {
    aside('create', '--bundle', bundle('true', ['true']), `${id}-a`);
    await davit('start', `${id}-a`);
  },
  async exec() {
    aside('run', '--detach', '--bundle', bundle('sleep', ['sleep', '60']), `${id}-a`);
    await davit('exec', '--env', 'A=b', '--user', '0:0', `${id}-a`, 'true');
    await davit('exec', '--env', 'A=b', '--user', '0:0', `${id}-a`, 'true');
  },
  async state() {
    aside('create', '--bundle', bundle('true', ['true']), `${id}-a`);
    await davit('state', `${id}-a`);
  },
  async kill() {
    aside('run', '--detach', '--bundle', bundle('sleep', ['sleep', '60']), `${id}-a`);
    await davit('kill', `${id}-a`, 'KILL');
  },
  async delete() {
    aside('run', '--detach', '--bundle', bundle('true', ['true']), `${id}-a`);
    aside('create', '--bundle', bundle('true', ['true']), `${id}-b`);
    await davit('delete', `${id}-a`);
    await davit('delete', '--force', `${id}-b`);
  },
};

/** Runs one container's life, as an embedding program does. */
async function embed({ Davit }, id, path) {
  const davit = new Davit({ root: join(scratch, 'root') });
  const container = await davit.create({ id, bundle: path });
  await container.start();
  await container.wait();
  await container.delete();
  await davit.run({ id, bundle: path });
}

async function library() {
  const module = { exports: {} };
  start(module.exports, require, module, filename, directory);
  save();
  const path = bundle('true', ['true']);
  await embed(module.exports, `${id}-a`, path);
  await embed(module.exports, `${id}-b`, path);
  if (process.arch === 'x64') save();
}

async function main() {
  if (command === 'library') return library().catch(() => {});
  // This always works, even if the rest fails (an ordinary user, a sandbox).
  await davit(command, 'absent', ...(command === 'exec' ? ['true'] : []));
  save();
  await commands[command]();
  // An init that shares this process' memory has compiled its functions here.
  const forked = ['create', 'run', 'exec'].slice(process.arch === 'x64' ? 2 : 0);
  if (!forked.includes(command)) save();
}

main().finally(() => process.exit(0));
