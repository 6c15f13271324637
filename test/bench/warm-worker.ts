import { readSync, writeSync } from 'node:fs';

/*
 * One davit process that makes containers one after another. For every byte on stdin it runs a
 * whole life (create, start, the program's end, delete) and prints its milliseconds as a line on
 * stdout. Arguments: dist/index.js, the state directory, the bundle.
 */

const [library, root, bundle] = process.argv.slice(2) as [string, string, string];
const { Davit }: typeof import('../../src/index.ts') = await import(library);

const davit = new Davit({ root });
const byte = Buffer.alloc(1);
for (let i = 0; readSync(0, byte) === 1; i++) {
  const begin = process.hrtime.bigint();
  const id = `bench-warm-${process.pid}-${i}`;
  const { exitCode } = await davit.run({ id, bundle, stdout: 'inherit', stderr: 'inherit' });
  const end = process.hrtime.bigint();
  if (exitCode !== 0) throw new Error(`exit status ${exitCode}`);
  writeSync(1, `${Number(end - begin) / 1e6}\n`);
}
