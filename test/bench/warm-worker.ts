import { readSync, writeSync } from 'node:fs';

/*
 * One davit process that makes containers one after another: for every byte on stdin, a whole life
 * (create, start, the program's end, delete), and its milliseconds as a line on stdout.
 * Arguments: dist/index.js, the state directory, the bundle.
 */

const [library, root, bundle] = process.argv.slice(2) as [string, string, string];
const { Davit }: typeof import('../../src/index.ts') = await import(library);

const davit = new Davit({ root });
const byte = Buffer.alloc(1);
for (let i = 0; readSync(0, byte) === 1; i++) {
  const begin = process.hrtime.bigint();
  const status = await davit.run({ id: `bench-warm-${process.pid}-${i}`, bundle });
  const end = process.hrtime.bigint();
  if (status !== 0) throw new Error(`exit status ${status}`);
  writeSync(1, `${Number(end - begin) / 1e6}\n`);
}
