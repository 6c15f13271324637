import assert from 'node:assert/strict';
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeBundle, needsRoot, type TestSpec } from '../../support/bundle.ts';
import { DAVIT, runCommand } from '../../support/command.ts';
import { embed } from '../../support/embed.ts';
import { waitFor } from '../../support/wait-for.ts';

// These tests are about an init that shares the memory of the command itself.
process.env.DAVIT_SERVER = '';

const options = { skip: needsRoot };

/** init runs a hook in the middle of a stage, and waits for it. */
function withLongHook(spec: TestSpec): void {
  spec.hooks = { createContainer: [{ path: '/bin/sleep', args: ['sleep', '20'] }] };
}

/**
 * Starts davit and kills its init during that stage, from the host, as init's pid namespace
 * protects it.
 */
async function loseInit(child: ChildProcess): Promise<{ status: number; stderr: string }> {
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = once(child, 'close');
  const children = (pid: number) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number);
  let init: number | undefined;
  await waitFor(() => {
    // Before Node there is the front, whose children are no init.
    const isNode = /\/node$/.test(readlinkSync(`/proc/${child.pid}/exe`));
    init = isNode ? children(child.pid!).find((pid) => children(pid).length > 0) : undefined;
    return init !== undefined;
  });
  process.kill(init!, 'SIGKILL');
  const [status] = await ended;
  return { status, stderr };
}

for (const command of ['create', 'run']) {
  test(`${command}: an init that is killed during its turn leaves nothing`, options, async (t) => {
    const bundle = makeBundle(t, { args: ['true'], spec: withLongHook });
    const log = join(bundle.dir, 'log');
    const { status, stderr } = await loseInit(
      bundle.startRuntime(
        { stdio: ['ignore', 'ignore', 'pipe'] },
        ...['--log', log, '--log-format', 'json', command, '--bundle', bundle.dir, bundle.id],
      ),
    );
    assert.equal(status, 1);
    assert.match(stderr, /^davit: (create|run) \S+: container init ended unexpectedly/);
    const [line] = readFileSync(log, 'utf8').split('\n');
    assert.match(JSON.parse(line!).msg, /container init ended unexpectedly/);
    assert.equal(existsSync(join(bundle.root, bundle.id)), false);
    bundle.expectNothingLeft();
  });
}

test('an embedding program whose init is killed ends, and says why', options, async (t) => {
  const bundle = makeBundle(t, { args: ['true'], spec: withLongHook });
  const program = embed(
    `await davit.create(${JSON.stringify({ id: bundle.id, bundle: bundle.dir })});`,
    bundle.root,
  );
  const stdio: StdioOptions = ['ignore', 'ignore', 'pipe'];
  const { status, stderr } = await loseInit(spawn(process.execPath, program, { stdio }));
  assert.equal(status, 1);
  assert.match(stderr, /container init was killed while it shared the memory of this process/);
});

test("making a container does not change the embedding program's own process", options, (t) => {
  const bundle = makeBundle(t, {
    args: ['true'],
    spec: (spec) => {
      spec.process.cwd = '/tmp';
      spec.process.oomScoreAdj = 500;
      Object.assign(spec.process.user, { uid: 7, gid: 8, umask: 0o77 });
      spec.process.scheduler = { policy: 'SCHED_BATCH', nice: 3 };
    },
  });
  const program = embed(
    `const look = () => [process.cwd(), process.umask(), process.getgroups(),
        ...['status', 'oom_score_adj', 'mountinfo', 'cgroup', 'limits'].map((name) =>
          fs.readFileSync('/proc/self/' + name, 'utf8').replace(/^(?!Uid|Gid|Groups|NS|Sig[BICP]|Cap|NoNew|Seccomp|Cpus|Mems|Max|\\\\d).*\\n/gm, ''))];
     process.cwd();
     const before = look();
     for (const id of ['a', 'b']) {
       const container = await davit.create({ id: '${bundle.id}-' + id, bundle: '${bundle.dir}' });
       fs.writeSync(1, fs.readFileSync('/proc/' + (await container.state()).pid + '/oom_score_adj'));
       await container.start();
       fs.writeSync(1, (await container.wait()).exitCode + '\\n');
       await container.delete();
     }
     const after = look();
     fs.writeSync(1, JSON.stringify(after) === JSON.stringify(before) ? 'same' : JSON.stringify([before, after]));`,
    bundle.root,
  );
  const { stdout, stderr } = runCommand(process.execPath, program);
  assert.deepEqual([stdout, stderr], ['500\n0\n500\n0\nsame', '']);
});

test('DAVIT_RESTARTED from the caller cannot make davit remove a container', options, (t) => {
  const bundle = makeBundle(t, { args: ['sleep', '100'] });
  bundle.create();
  const again = runCommand(
    DAVIT,
    ['--root', bundle.root, 'create', '--bundle', bundle.dir, bundle.id],
    { env: { DAVIT_RESTARTED: '1 lostInit ' } },
  );
  assert.match(again.stderr, /exists/);
  assert.equal(bundle.state().status, 'created');
});
