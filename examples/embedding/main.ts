import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Davit } from 'davit';
import { hostBundle } from './host-bundle.ts';

/*
 * Runs three containers in sequence and prints how long each took. After `npm run build`, as root,
 * with any Node, or in the program's own process:
 *
 *     node examples/embedding/main.ts
 *     dist/node --single-threaded --v8-pool-size=1 --disable-sigusr1 examples/embedding/main.ts
 */

const directory = mkdtempSync(join(tmpdir(), 'davit-embedding-'));
const bundle = hostBundle(directory, ['/bin/sh', '-c', 'echo "  pid $$"']);

const davit = new Davit();
let longest = { stage: '', duration: 0 };
davit.bus.on('stage:after', (event) => {
  if (event.duration > longest.duration) longest = event;
});

try {
  for (const id of ['one', 'two', 'three']) {
    const begin = performance.now();
    longest = { stage: '', duration: 0 };
    const end = await davit.run({
      id: `embedded-${process.pid}-${id}`,
      bundle,
      stdout: 'inherit',
    });
    const took = (performance.now() - begin).toFixed(1);
    writeSync(
      1,
      `${id}: exit status ${end.exitCode} after ${took} ms; the longest stage was ${longest.stage}\n`,
    );
  }
} finally {
  rmSync(bundle, { recursive: true, force: true });
}
