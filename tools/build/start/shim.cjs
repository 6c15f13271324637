'use strict';
// Runs shim.js, containerd's shim, with its V8 code cache.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/shim.js`;
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/shim-${process.arch}.cache`);
} catch {}
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
