import { statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { prepareModules } from './load/modules.ts';

/*
 * A program: `node run-module.js FILE [ARGUMENT …]` runs a plugin's module in its own process. The
 * module can import davit's modules and TypeScript below node_modules, as plugins can.
 */

process.argv.splice(1, 1);
// A plugin has named the file, so its imports may belong to the file's owner.
prepareModules({ environment: process.env, trustedOwners: [statSync(process.argv[1]!).uid] });
await import(pathToFileURL(process.argv[1]!).href);
