'use strict';
// Runs main.js with the command's V8 code cache. V8 ignores a cache that was made by another Node.
const { readFileSync, writeSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/main.js`;
const hot = ['create', 'start', 'kill', 'delete', 'run', 'exec'];
const command = process.argv.find((arg, i) => i > 1 && hot.includes(arg)) ?? 'state';
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/${command}-${process.arch}.cache`);
} catch {}
const script = new Script(source(), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);

function source() {
  try {
    return readFileSync(filename, 'latin1');
  } catch (error) {
    writeSync(2, `davit: cannot start: ${error.message}: build or install davit again\n`);
    process.exit(1);
  }
}
