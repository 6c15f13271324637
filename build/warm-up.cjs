'use strict';
// Runs davit's hot commands in one process and keeps the bytecode that V8 made of main.js.
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

setFlagsFromString('--no-flush-bytecode');
const directory = process.argv[2];
const filename = join(directory, 'main.js');
const script = new Script(readFileSync(filename, 'latin1'), { filename });
const start = script.runInThisContext();
const { argv } = process;

/** One command, as the loader would run it; its exit status. */
function davit(...args) {
  return new Promise((resolve) => {
    process.argv = [...argv.slice(0, 2), ...args];
    process.reallyExit = resolve;
    start({}, require, {}, filename, directory);
  });
}

function save() {
  setFlagsFromString('--flush-bytecode');
  writeFileSync(join(directory, 'main.cache'), script.createCachedData());
}

async function main() {
  const { reallyExit } = process;
  const scratch = mkdtempSync(join(tmpdir(), 'davit-warm-up-'));
  const own = ['--root', join(scratch, 'root'), '--log', join(scratch, 'log')];
  try {
    await davit(...own, 'state', 'absent');
    await davit(...own, '--log-format', 'json', 'kill', 'absent', 'KILL');
    await davit(...own, 'delete', '--force', 'absent');
    await davit(...own, 'start', 'absent');
    await davit(...own, 'exec', '-e', 'A=b', '--user', '0:0', 'absent', 'true');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  save();
  reallyExit.call(process, 0);
}

main();
