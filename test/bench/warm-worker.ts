import { writeSync } from 'node:fs';

/*
 * A program that embeds davit and makes containers one after another. For every byte on stdin it
 * runs a program in one and prints its milliseconds as a line on stdout. Arguments: dist/index.js,
 * the state directory, the bundle, and `process` (containers of its own process), `server` (of a
 * server of its own) or `pool` (that wait).
 */

const [library, root, bundle, kind] = process.argv.slice(2) as [string, string, string, string];
const { Davit }: typeof import('../../src/index.ts') = await import(library);

const own = kind === 'process';
const davit = new Davit({ root, inProcess: own, ...(!own && { server: 'own' }) });
const stdio = { stdout: 'ignore', stderr: 'ignore' } as const;
const pool = kind === 'pool' ? davit.pool({ bundle, size: 1 }) : undefined;
await pool?.ready();
let count = 0;
for await (const _ of process.stdin) {
  const begin = process.hrtime.bigint();
  const id = `bench-${kind}-${process.pid}-${count++}`;
  const running = pool ? pool.run(['/bin/true'], stdio) : davit.run({ id, bundle, ...stdio });
  const { exitCode } = await running;
  const end = process.hrtime.bigint();
  if (exitCode !== 0) throw new Error(`exit status ${exitCode}`);
  // What replaces the container counts as CPU time, not as time.
  await pool?.ready();
  writeSync(1, `${Number(end - begin) / 1e6}\n`);
}
await davit.close();
