import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeBundle, needsRoot } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { embed } from '../../support/embed.ts';
import { patience } from '../../support/patience.ts';

/*
 * Each program runs twice: in one run its own process makes the containers, in the other davit's
 * program does. Both must report the same.
 */

const WAYS = {
  'in process': { inProcess: true },
  "by davit's program": { inProcess: false, server: 'none' },
  'by a server of its own': { inProcess: false, server: 'own' },
} as const;

const options = { skip: needsRoot };

/** What `body` reports by `tell(…)`. */
function bothWays(name: string, body: (bundle: Bundle) => string, expected: unknown[]): void {
  for (const [how, davit] of Object.entries(WAYS)) {
    test(`${name}, ${how}`, options, (t) => {
      const bundle = makeBundle(t, { args: ['sleep', '1000'] });
      const program = embed(
        `const told = [];
         const tell = (...values) => told.push(...values);
         const { dir: bundle, id } = ${JSON.stringify({ dir: bundle.dir, id: bundle.id })};
         const said = (error) => ({ ...error, name: error.name, message: error.message, cause: undefined });
         ${body(bundle)}
         await davit.close();
         fs.writeSync(1, JSON.stringify(told));`,
        bundle.root,
        davit,
      );
      const { stdout, stderr } = runCommand(process.execPath, program, { timeout: 40_000 });
      assert.deepEqual([JSON.parse(stdout || '[]'), stderr], [expected, '']);
      bundle.expectNothingLeft();
    });
  }
}

type Bundle = ReturnType<typeof makeBundle>;
const end = (exitCode: number, more: object = {}) => ({
  exitCode,
  stdout: '',
  stderr: '',
  ...more,
});
const KILLED_INIT = { exitCode: 137, signal: 'SIGKILL' };
const KILLED = end(137, { signal: 'SIGKILL' });

bothWays(
  'run gives what the program wrote, and how it ended',
  () =>
    `tell(await davit.run({ id, bundle, args: ['sh', '-c', 'cat; pwd; echo $A >&2; id -u; exit 7'],
       input: 'in ', env: { A: 'b' }, cwd: '/bin', user: '5:6' }));
     const running = davit.run({ id, bundle, args: ['cat'], stdin: 'pipe', stdout: 'pipe' });
     running.stdin.end('streamed');
     for await (const chunk of running.stdout) tell(chunk.toString());
     tell((await running).stdout);
     const spec = JSON.parse(fs.readFileSync(bundle + '/config.json', 'utf8'));
     spec.process.args = ['hostname'];
     spec.hostname = 'given';
     tell((await davit.run({ id, bundle, spec })).stdout);`,
  [end(7, { stdout: 'in /bin\n5\n', stderr: 'b\n' }), 'streamed', '', 'given\n'],
);

bothWays(
  'a program is killed by a timeout, a signal or too much output, and told of',
  () =>
    `const interrupted = ({ name, because, result, cause }) => tell(name, because, result, cause?.message);
     await davit.run({ id, bundle, args: ['sh', '-c', 'echo so far; sleep 1000'], timeout: ${patience(500)} }).catch(interrupted);
     await davit.run({ id, bundle, args: ['yes'], maxBuffer: 6 }).catch(interrupted);
     await davit.run({ id, bundle, signal: AbortSignal.abort(new Error('enough')) }).catch(interrupted);
     const running = davit.run({ id, bundle });
     await running.kill(9);
     tell((await running).signal);`,
  [
    ...['ProgramInterrupted', 'timeout', { ...KILLED, stdout: 'so far\n' }, null],
    ...['ProgramInterrupted', 'maxBuffer', { ...KILLED, stdout: 'y\ny\ny\n' }, null],
    ...['ProgramInterrupted', 'aborted', KILLED, 'enough'],
    'SIGKILL',
  ],
);

bothWays(
  'a container is created, executes programs, and is deleted',
  () =>
    `const container = await davit.create({ id, bundle, stdout: 'ignore' });
     tell((await container.state()).status);
     await container.start();
     tell(await container.exec(['sh', '-c', 'cat; pwd; echo $A >&2; id -u; exit 3'],
       { input: 'in ', env: { A: 'b' }, cwd: '/bin', user: '5:6' }));
     await container.exec(['sleep', '1000'], { timeout: 3000 })
       .catch(({ name, because, result }) => tell(name, because, result));
     const sleeping = container.exec(['sleep', '1000']);
     const killed = sleeping.kill(15);
     tell((await sleeping).signal, await killed);
     await container.pause();
     tell((await davit.list()).map(({ id: it, status }) => [it === id, status]));
     await container.resume();
     await container.update({ pids: { limit: 77 } });
     tell((await davit.container(id).stats()).pids.limit);
     const end = container.wait();
     await container.kill(9);
     tell(await end, await container.wait());
     tell((await container.state()).status);
     await container.delete();
     tell(await davit.list());`,
  [
    'created',
    end(3, { stdout: 'in /bin\n5\n', stderr: 'b\n' }),
    ...['ProgramInterrupted', 'timeout', KILLED],
    ...['SIGTERM', null],
    [[true, 'paused']],
    77,
    ...[KILLED_INIT, KILLED_INIT],
    'stopped',
    [],
  ],
);

bothWays(
  'failures have their stage, field, errno and hint',
  (bundle) => {
    bundle.write('unknown', '\0', 0o755);
    return `await davit.run({ id, bundle, args: ['/nowhere'] }).catch((error) => tell(said(error)));
     await davit.create({ id, bundle, cwd: 'relative' }).catch(({ stage, configPath, cause }) => tell(stage, configPath, cause.name, cause.problems));
     const container = await davit.create({ id, bundle, args: ['/unknown'] });
     await container.start().catch(({ name, stage, code }) => tell(name, stage, code));
     await container.delete({ force: true });
     await container.kill(9).catch(({ name, message }) => tell(name, message));
     try { davit.container(id); } catch (error) { tell(error.message); }`;
  },
  [
    {
      name: 'StageError',
      stage: 'findProgram',
      configPath: 'process.args[0]',
      code: 'ENOENT',
      syscall: 'execve',
      reason: 'exec: "/nowhere": stat /nowhere: no such file or directory',
      hint: 'this is a path in the container: it must exist in the rootfs or in a mount',
      message:
        'findProgram: process.args[0]: exec: "/nowhere": stat /nowhere: no such file or directory',
    },
    ...['validateConfig', 'process.cwd', 'ConfigError'],
    [{ path: 'process.cwd', value: 'relative', expected: 'an absolute path' }],
    ...['StageError', 'exec', 'ENOEXEC'],
    ...['RuntimeError', 'container does not exist'],
    'container does not exist',
  ],
);

bothWays(
  'listeners hear of the stages, and interceptors veto them',
  () =>
    `davit.on('stage:after', ({ stage, interval }) => {
       if (stage === 'pivotRoot') tell(stage, typeof interval.begin, interval.milliseconds > 0);
     });
     davit.on('container:stopped', (event) => tell(event.id === id, event.exitStatus));
     davit.bus.intercept('mounts:before', async ({ stage, spec }) => {
       tell(stage, spec.process.args);
       if (spec.process.args[0] === 'sleep') throw new TypeError('no sleep here');
     });
     tell((await davit.run({ id, bundle, args: ['true'] })).exitCode);
     await davit.run({ id, bundle }).catch((error) => tell(error.stage, error.message, error.cause.name));`,
  [
    ...['mounts', ['true']],
    ...['pivotRoot', 'bigint', true],
    ...[true, 0, 0],
    ...['mounts', ['sleep', '1000']],
    ...['mounts', 'mounts: no sleep here', 'TypeError'],
  ],
);

bothWays(
  'a program has a terminal, whose size changes',
  () =>
    `const terminal = { rows: 30, columns: 90 };
     tell((await davit.run({ id, bundle, args: ['sh', '-c', 'stty size; exit 4'], terminal })).stdout);
     await using container = await davit.create({ id, bundle });
     await container.start();
     const resized = 'trap "stty size; exit 5" WINCH; stty size; while :; do read line; echo got $line; done';
     const running = container.exec(['sh', '-c', resized], { terminal, stdin: 'pipe', stdout: 'pipe' });
     let text = '';
     running.stdout.on('data', (chunk) => {
       const before = text;
       text += chunk;
       // Whole lines: the terminal may echo between the parts of one.
       const ends = (line) => text.includes(line) && !before.includes(line);
       if (ends('30 90\\r\\n')) running.stdin.write('hello\\r');
       if (ends('got hello\\r\\n')) running.resize({ rows: 40, columns: 100 });
     });
     tell((await running).exitCode, text);`,
  ['30 90\r\n', 5, '30 90\r\nhello\r\ngot hello\r\n40 100\r\n'],
);
