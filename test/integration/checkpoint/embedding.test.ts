import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { embed } from '../../support/embed.ts';
import { needsCriu } from '../../support/host/criu.ts';
import { Counter } from './counter.ts';

for (const inProcess of [true, false]) {
  test(`a program saves and restores, ${inProcess ? 'by itself' : 'by davit’s program'}`, {
    skip: needsCriu,
  }, async (t) => {
    const counter = new Counter(t);
    const { bundle, images: imagePath } = counter;
    await counter.start();
    const launch = { id: `${bundle.id}-2`, bundle: bundle.dir, imagePath };
    const program = embed(
      `const stages = [];
       davit.bus.on('stage:after', ({ stage }) => stages.push(stage));
       const container = davit.container(${JSON.stringify(bundle.id)});
       const refused = await container
         .checkpoint({ imagePath: '/proc/none' })
         .catch(({ message }) => message);
       await container.checkpoint(${JSON.stringify({ imagePath })});
       const restored = await davit.restore(${JSON.stringify(launch)});
       const { status } = await restored.state();
       await restored.kill(9);
       const { signal } = await restored.wait();
       await restored.delete();
       await davit.close();
       fs.writeSync(1, JSON.stringify({ stages, status, signal, refused }));`,
      bundle.root,
      { inProcess },
    );
    const { stdout, stderr } = runCommand(process.execPath, program);
    assert.equal(stderr, '');
    const { stages, ...rest } = JSON.parse(stdout);
    assert.deepEqual(rest, {
      status: 'running',
      signal: 'SIGKILL',
      refused: "ENOENT: no such file or directory, mkdir '/proc/none'",
    });
    assert.ok(stages.includes('dumpProcesses') && stages.includes('restoreProcesses'));
    bundle.expectNothingLeft();
  });
}
