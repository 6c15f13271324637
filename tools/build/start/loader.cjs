'use strict';
// Runs main.js with the command's V8 code cache. V8 ignores a cache that was made by another Node.
const { closeSync, fstatSync, openSync, readSync, writeSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/main.js`;
const hot = ['create', 'start', 'kill', 'delete', 'run', 'exec'];
const command = process.argv.find((arg, i) => i > 1 && hot.includes(arg)) ?? 'state';
const main = orEnd(() => openFile(filename));
let cache = { size: 0 };
try {
  cache = openFile(`${__dirname}/${command}-${process.arch}.cache`);
} catch {}

// Both files are read into the same memory: new pages take longer than what is copied to them.
const buffer = Buffer.allocUnsafeSlow(Math.max(main.size, cache.size));
const source = orEnd(() => read(main).latin1Slice());
const cachedData = cache.size > 0 ? read(cache) : undefined;
const script = new Script(source, { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);

function orEnd(act) {
  try {
    return act();
  } catch (error) {
    writeSync(2, `davit: cannot start: ${error.message}: build or install davit again\n`);
    process.exit(1);
  }
}

function openFile(path) {
  const fd = openSync(path);
  return { fd, size: fstatSync(fd).size };
}

function read({ fd, size }) {
  const file = buffer.subarray(0, size);
  readSync(fd, file);
  closeSync(fd);
  return file;
}
