'use strict';
/*
 * compile-shim.cjs DIRECTORY: compiles all of shim.js and saves the bytecode as
 * DIRECTORY/shim-ARCH.cache. The shim of a namespace lives long and uses most of its code, and
 * containerd waits for its first container.
 */
const { readFileSync, writeFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

const [, , directory] = process.argv;
const filename = `${directory}/shim.js`;
setFlagsFromString('--no-lazy');
const script = new Script(readFileSync(filename, 'latin1'), { filename });
// V8 refuses a cache that was made with other flags than those with which it is read.
setFlagsFromString('--lazy');
writeFileSync(`${directory}/shim-${process.arch}.cache`, script.createCachedData());
