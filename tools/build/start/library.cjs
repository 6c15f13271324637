'use strict';
// Runs index.js, the embedding API, with its V8 code cache. V8 ignores a cache that was made by
// another Node, or with flags other than the program's.
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const filename = `${__dirname}/index.js`;
let cachedData;
try {
  cachedData = readFileSync(`${__dirname}/library-${process.arch}.cache`);
} catch {}
const script = new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
script.runInThisContext()(exports, require, module, filename, __dirname);
