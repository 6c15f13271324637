import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { DAVIT, runCommand, startCommand } from '../../support/command.ts';
import { waitFor } from '../../support/wait-for.ts';

/* Programs that embed davit on any Node, without flags: davit's program makes their containers. */

const library = join(DAVIT, '..');
const options = { skip: needsRoot };

/** The Nodes to try: the one that runs the tests, and the ones in DAVIT_TEST_NODES. */
const nodes = (process.env.DAVIT_TEST_NODES ?? '').split(':').filter(Boolean);

/** Writes a program that runs a container into a file with the given name. Returns the file. */
function program(t: TestContext, name: string, text: string) {
  const bundle = makeBundle(t, { args: ['sh', '-c', 'echo aboard; exit 7'] });
  const { root, dir } = bundle;
  const file = join(bundle.dir, name);
  writeFileSync(file, text.replaceAll('ROOT', root).replaceAll('BUNDLE', dir));
  return { bundle, file };
}

const RUN = `const davit = new Davit({ root: 'ROOT', server: 'none' });
   davit.run({ bundle: 'BUNDLE' }).then(async ({ exitCode, stdout }) => {
     console.log(davit.inProcess, exitCode, stdout.trim());
     await davit.close();
   });`;

const FORMS = {
  'program.mjs': `import { Davit } from '${library}/index.js'; ${RUN}`,
  'program.cjs': `const { Davit } = require('${library}/index.cjs'); ${RUN}`,
  'worker.mjs': `import { isMainThread, Worker } from 'node:worker_threads';
    import { Davit } from '${library}/index.js';
    if (isMainThread) new Worker(new URL(import.meta.url));
    else { ${RUN} }`,
  'heap.mjs': `import { Davit } from '${library}/index.js';
    globalThis.heap = Array.from({ length: 100 }, () => new Float64Array(1 << 20).fill(1)); ${RUN}`,
};

for (const node of [process.execPath, ...nodes]) {
  for (const [name, text] of Object.entries(FORMS)) {
    test(`${name} needs neither flags nor a single thread, on ${node}`, options, (t) => {
      const { bundle, file } = program(t, name, text);
      const { stdout, stderr } = bundle.command(node, file);
      assert.deepEqual([stdout, stderr], ['false 7 aboard\n', '']);
      bundle.expectNothingLeft();
    });
  }
}

test("a program's own server ends when the program ends or is killed", options, async (t) => {
  const { bundle, file } = program(
    t,
    'program.mjs',
    `import { Davit } from '${library}/index.js';
     const davit = new Davit({ root: 'ROOT', server: 'own' });
     for (;;) {
       await davit.list();
       await davit.run({ bundle: 'BUNDLE' });
     }`,
  );
  const running = startCommand(process.execPath, [file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { TMPDIR: bundle.dir },
  });
  const exited = new Promise((resolve) => running.once('exit', resolve));
  await waitFor(() => serversOf(bundle.dir).length > 0);
  running.kill('SIGKILL');
  await exited;
  await waitFor(() => serversOf(bundle.dir).length === 0);
  const sockets = globSync(`${bundle.dir}/davit-program-*/server`);
  assert.deepEqual(sockets, []);
});

/** The pids of the servers with a socket below a directory. */
const serversOf = (directory: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    const cmdline = `/proc/${pid}/cmdline`;
    if (!/^\d+$/.test(pid) || !existsSync(cmdline)) return false;
    try {
      return (
        readFileSync(cmdline, 'utf8').includes('--until-eof') &&
        readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`DAVIT_SERVER=${directory}`) &&
        globSync(`${directory}/davit-program-*/server`).length > 0
      );
    } catch {
      return false;
    }
  });

test('if davit’s program is missing, the error names it', options, (t) => {
  const { bundle, file } = program(
    t,
    'program.cjs',
    `const { cpSync, rmSync } = require('node:fs');
     cpSync('${library}', 'BUNDLE/davit/dist', { recursive: true, filter: (path) => !/\\/(node|man|completions)$|davit-x64$|davit-arm64$/.test(path) });
     const { Davit } = require('BUNDLE/davit/dist/index.cjs');
     new Davit({ root: 'ROOT' }).run({ bundle: 'BUNDLE' }).catch(({ name, message, hint }) => console.log(name, message, hint));`,
  );
  writeFileSync(join(bundle.dir, 'package.json'), '{}');
  const { stdout, stderr } = runCommand(process.execPath, [file]);
  assert.equal(stderr, '');
  assert.match(
    stdout,
    /^RuntimeError davit cannot be started: \S+\/davit-\w+: spawn .* ENOENT build or install davit again\n$/,
  );
});
