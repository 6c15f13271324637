import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { prepareModules } from './load/modules.ts';

/*
 * A program: `node run-module.js FILE [ARGUMENT …]` runs a plugin's module in a process of its own,
 * with davit's modules and TypeScript below node_modules as davit has them.
 */

process.argv.splice(1, 1);
// A plugin named it: what it imports may be its owner's.
prepareModules([statSync(process.argv[1]!).uid]);
await import(pathToFileURL(process.argv[1]!).href);
