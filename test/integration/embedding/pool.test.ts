import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { runCommand, startCommand } from '../../support/command.ts';
import { embed } from '../../support/embed.ts';
import { patience } from '../../support/patience.ts';
import { waitFor } from '../../support/wait-for.ts';

const options = { skip: needsRoot };
const OWN = { inProcess: false, server: 'own' } as const;

test('a pool runs each program in a new container', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const program = embed(
    `const { PassThrough } = await import('node:stream');
     const pool = davit.pool({ bundle: '${bundle.dir}', size: 2, env: { B: '2' } });
     await pool.ready();
     const told = [pool.waiting];
     told.push(await pool.run(['sh', '-c', 'echo $A $B $HOME; pwd; cat; ls /proc/self/fd >&2; hostname; exit 5'],
       { input: 'in ', env: { A: '1' }, cwd: '/bin' }));
     const failed = ({ name, stage, configPath, code, because, result }) => told.push({ name, stage, configPath, code, because, result });
     await pool.run(['nowhere']).catch(failed);
     await pool.run(['true'], { cwd: '/nowhere' }).catch(failed);
     await pool.run(['sh', '-c', 'echo so far; sleep 1000'], { timeout: ${patience(500)} }).catch(failed);
     const all = await Promise.all([1, 2, 3, 4, 5].map((i) => pool.run(['sh', '-c', 'echo ' + i])));
     told.push(all.map(({ stdout }) => stdout.trim()).join());
     await pool.ready();
     const output = new PassThrough();
     const running = pool.run(['sh', '-c', 'echo up; exec sleep 1000'], { stdout: output });
     await new Promise((resolve) => output.once('data', resolve));
     await pool.ready();
     const message = (run) => run.then(() => 'ran', ({ message }) => message);
     const early = [1, 2, 3].map(() => message(pool.run(['sleep', '1000'])));
     await davit.close();
     told.push((await running).exitCode, await Promise.all(early), await message(pool.run(['true'])));
     fs.writeSync(1, JSON.stringify(told));`,
    bundle.root,
    OWN,
  );
  const { stdout, stderr } = runCommand(process.execPath, program, { timeout: 60_000 });
  const failure = { name: 'StageError', stage: 'exec', code: 'ENOENT' };
  assert.deepEqual(
    [JSON.parse(stdout || '[]'), stderr],
    [
      [
        2,
        // fd 3 is the directory that ls reads: the program gets no fd of the pool.
        {
          ...{ exitCode: 5, stdout: '1 2 /root\n/bin\nin davit\n', stderr: '0\n1\n2\n3\n' },
        },
        { ...failure, configPath: 'process.args[0]' },
        { ...failure, configPath: 'process.cwd' },
        {
          ...{ name: 'ProgramInterrupted', because: 'timeout' },
          result: { exitCode: 137, signal: 'SIGKILL', stdout: 'so far\n', stderr: '' },
        },
        '1,2,3,4,5',
        137,
        // Two have a container already when the pool closes, one waits for a container.
        ['the pool is closed', 'the pool is closed', 'the pool is closed'],
        'the pool is closed',
      ],
      '',
    ],
  );
  bundle.expectNothingLeft();
});

test('a pool removes what the pool of a killed program left', options, async (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '1000'] });
  const pool = `const pool = davit.pool({ bundle: '${bundle.dir}', size: 2 });
     await pool.ready();`;
  const first = startCommand(
    process.execPath,
    embed(
      `${pool}
       const { PassThrough } = await import('node:stream');
       const stdout = new PassThrough();
       pool.run(['sh', '-c', 'echo up; exec sleep 1000'], { stdout }).catch(() => {});
       stdout.once('data', () => fs.writeSync(1, 'ready'));`,
      bundle.root,
      OWN,
    ),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise((resolve) => first.stdout!.once('data', resolve));
  first.kill('SIGKILL');
  const states = () => JSON.parse(bundle.served('list', '--format', 'json').stdout || '[]') ?? [];
  const waiting = () =>
    states().filter(({ status }: { status: string }) => status === 'running').length;
  // The program continues, and the waiting containers end by themselves.
  await waitFor(() => waiting() === 1);
  const second = embed(
    `${pool}
     await davit.close();
     fs.writeSync(1, JSON.stringify(await davit.list()));`,
    bundle.root,
    OWN,
  );
  const { stdout, stderr } = runCommand(process.execPath, second, { timeout: 60_000 });
  assert.deepEqual([stdout, stderr], ['[]', '']);
  bundle.expectNothingLeft();
});

test('the error of a pool says why its containers cannot be made', options, (t) => {
  const bundle = makeBundle(t);
  const program = embed(
    `const pool = davit.pool({ bundle: '${bundle.dir}', size: 2, cwd: 'relative' });
     const failed = ({ stage, message }) => fs.writeSync(1, stage + ' ');
     await pool.ready().catch(failed);
     await pool.run(['true']).catch(failed);
     await davit.close();`,
    bundle.root,
    OWN,
  );
  const { stdout, stderr } = runCommand(process.execPath, program, { timeout: 60_000 });
  assert.deepEqual([stdout, stderr], ['validateConfig validateConfig ', '']);
  bundle.expectNothingLeft();
});

test(
  'a pool makes as many containers as it has room for, each with a cgroup of its own',
  options,
  (t) => {
    const bundle = makeBundle(t);
    bundle.configure((spec) => {
      spec.process.args = ['sleep', '1000'];
      spec.linux.cgroupsPath = `/${bundle.id}`;
      spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'cgroup');
    });
    const program = embed(
      `const pool = davit.pool({ bundle: '${bundle.dir}', size: 2 });
     const all = await Promise.all(Array.from({ length: 6 }, () => pool.run(['grep', '-o', '${bundle.id}-.*', '/proc/self/cgroup'])));
     await pool.ready();
     await new Promise((resolve) => setTimeout(resolve, 1000));
     const { waiting } = pool;
     await davit.close();
     const cgroups = all.map(({ stdout }) => stdout.split('\\n')[0]);
     fs.writeSync(1, JSON.stringify({ waiting, cgroups }));`,
      bundle.root,
      OWN,
    );
    const { stdout, stderr } = runCommand(process.execPath, program, { timeout: 60_000 });
    const { waiting, cgroups } = JSON.parse(stdout || '{}');
    assert.deepEqual([waiting, new Set(cgroups).size], [2, 6], `${stdout}${stderr}`);
    bundle.expectNothingLeft();
  },
);
