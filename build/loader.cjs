'use strict';
// Runs main.js with the V8 code cache made for the command; V8 ignores one of another Node.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/main.js`;
const hot = ['create', 'start', 'kill', 'delete', 'run', 'exec'];
const command = process.argv.find((arg, i) => i > 1 && hot.includes(arg)) ?? 'state';
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/${command}.cache`);
} catch {}
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
