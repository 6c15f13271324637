import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { HOOK_NAMES, type HookName } from '../../../src/config/names/hook-names.ts';
import { addUserNamespace } from '../../support/attacker.ts';
import { type Bundle, makeBundle, needsContainers, type TestSpec } from '../../support/bundle.ts';
import { DAVIT } from '../../support/command.ts';
import { startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';

/* The same hooks with and without a server: they must see the same. */

const COLD = { DAVIT_SERVER: '' };

/** Where init or its parent starts the hook, and what that shows, differs inside: only outside here. */
const FAMILY = `
  while read line; do case $line in PPid:*) echo parent of parent \${line#PPid:};; esac; done < /proc/$PPID/status
  echo session and group: $(sed 's/.*)//' /proc/self/stat | cut -d' ' -f4,5) own parent: $(sed 's/.*)//' /proc/$PPID/stat | cut -d' ' -f4,5)
`;

/** What is at init's pid on the host, which createContainer hooks do not know. */
const OF_INIT = `
  pid=$(echo "$state" | sed 's/.*"pid":\\([0-9]*\\).*/\\1/')
  [ -d /proc/$pid/ns ] || echo no process of the host
  for ns in cgroup ipc mnt net pid user uts; do echo of init: $(readlink /proc/$pid/ns/$ns); done
  while read line; do echo of init: $line; done < /proc/$pid/cgroup
`;

/** Prints what the hook sees of itself: the shell opens the files, not its children. */
const look = (kind: HookName) => `#!/bin/sh
{
  state=$(cat)
  echo "state $state"
  ${['prestart', 'createRuntime', 'createContainer', 'poststart'].includes(kind) ? OF_INIT : ''}
  echo args "$0" "$@"
  tr '\\0' '\\n' < /proc/self/environ
  echo umask $(umask) cwd $(pwd)
  while read line; do case $line in
    Sig[BIC]*|Shd*|Cap*|NoNewPrivs*|Seccomp:*|Uid*|Gid*|Groups*|Umask*) echo $line;;
  esac; done < /proc/self/status
  while read line; do echo $line; done < /proc/self/limits
  while read line; do echo $line; done < /proc/self/cgroup
  while read line; do echo oom $line; done < /proc/self/oom_score_adj
  while read line; do echo login $line; done < /proc/self/loginuid
  for ns in cgroup ipc mnt net pid time user uts; do echo $(readlink /proc/self/ns/$ns); done
  for fd in 0 1 2 3 4 5 6 7 8; do echo fd $fd $(readlink /proc/self/fd/$fd); done
  ${['createContainer', 'startContainer'].includes(kind) ? '' : FAMILY}
  echo end of ${kind}
} > "$1/${kind}" 2>&1
echo printed by ${kind}
`;

function makeHooks(bundle: Bundle, change: (spec: TestSpec) => void): void {
  bundle.write('out/.keep', '');
  chmodSync(join(bundle.rootfs, 'out'), 0o777);
  bundle.configure((spec) => {
    spec.process.args = ['sleep', '100'];
    spec.linux.namespaces.push({ type: 'cgroup' });
    change(spec);
    spec.mounts.push({
      destination: '/out',
      type: 'bind',
      source: join(bundle.rootfs, 'out'),
      options: ['bind'],
    });
    spec.hooks = Object.fromEntries(
      HOOK_NAMES.map((kind) => {
        bundle.write(`bin/${kind}`, look(kind), 0o755);
        const inside = kind === 'startContainer';
        const path = inside ? `/bin/${kind}` : join(bundle.rootfs, 'bin', kind);
        const out = inside ? '/out' : join(bundle.rootfs, 'out');
        const env = ['HOOK=1', 'PATH=/bin:/usr/bin'];
        return [kind, [{ path, args: ['hook', out], ...(kind !== 'poststop' && { env }) }]];
      }),
    );
  });
}

/** Replaces what differs between containers and between runs by names. */
function normal(bundle: Bundle, text: string): string {
  const pid = /"pid":(\d+)/.exec(text)?.[1] ?? 'none';
  const host = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'].map((ns) =>
    readlinkSync(`/proc/self/ns/${ns}`),
  );
  return text
    .replaceAll(bundle.dir, 'DIR')
    .replaceAll(bundle.id, 'ID')
    .replaceAll(`"pid":${pid}`, pid === '1' ? '"pid":1' : '"pid":PID')
    .replaceAll(/(parent of parent)\s+(\d+)/g, (_, words, found) =>
      [words, Number(found) === process.pid ? 'the caller' : found].join(' '),
    )
    .replaceAll(/(group:) (\d+ \d+) (own parent:) (\d+ \d+)/g, (_, words, own, others, parents) =>
      [words, own === parents ? 'the same' : own, others].join(' '),
    )
    .replaceAll(/(\w+):\[\d+\]/g, (found, type) =>
      host.includes(found) ? `host's ${type}` : `other ${type}`,
    )
    .replaceAll(/(TRACEPARENT)=.*/g, '$1')
    .replaceAll(/(DAVIT_SERVER)=.*/g, '$1');
}

function seen(bundle: Bundle): Record<string, string> {
  const kinds = HOOK_NAMES.map((kind) => {
    const file = join(bundle.rootfs, 'out', kind);
    return [kind, existsSync(file) ? normal(bundle, readFileSync(file, 'utf8')) : 'did not run'];
  });
  return Object.fromEntries(kinds);
}

/** Runs a whole life below a umask, with an open fd. Returns what the hooks have seen. */
function life(t: TestContext, env: Record<string, string>, { commands, change = () => {} }: Life) {
  const bundle = makeBundle(t);
  makeHooks(bundle, change);
  const sh = 'umask 027; ulimit -Sn 512; exec 7</dev/null; exec "$@"';
  for (const words of commands) {
    const args = words.map((word) => word.replace('ID', bundle.id).replace('DIR', bundle.dir));
    const line = ['-c', sh, 'sh', DAVIT, '--root', bundle.root, ...args];
    const { status, stdout, stderr } = bundle.commandWith({ env }, 'bash', ...line);
    assert.deepEqual([status, stdout, stderr], [0, '', ''], words.join(' '));
  }
  bundle.expectNothingLeft();
  return seen(bundle);
}

interface Life {
  commands: string[][];
  change?: (spec: TestSpec) => void;
}

const CREATE = [
  ['create', '--bundle', 'DIR', 'ID'],
  ['start', 'ID'],
  ['delete', '--force', 'ID'],
];
const RUN = [
  ['run', '--detach', '--bundle', 'DIR', 'ID'],
  ['delete', '--force', 'ID'],
];

const LIVES: Record<string, Life> = {
  'create, start, delete': { commands: CREATE },
  'create, start, delete in a user namespace': { commands: CREATE, change: addUserNamespace },
  'run --detach, delete': { commands: RUN },
};

suite('hooks see the same with a server', { skip: needsContainers }, () => {
  for (const [name, what] of Object.entries(LIVES)) {
    test(name, async (t) => {
      const server = await startServer(t);
      const warm = life(t, server.env, what);
      assert.deepEqual(warm, life(t, COLD, what));
      for (const kind of HOOK_NAMES) assert.match(warm[kind]!, new RegExp(`end of ${kind}$`, 'm'));
      server.expectServed();
    });
  }

  test('a hook that lasts keeps nobody waiting, and ends with its davit', async (t) => {
    const server = await startServer(t);
    const bundle = makeBundle(t);
    bundle.write('bin/slow', '#!/bin/sh\necho $$ > "$0.pid"; exec sleep 1000\n', 0o755);
    const slow = join(bundle.rootfs, 'bin/slow');
    bundle.configure((spec) => {
      spec.hooks = { createRuntime: [{ path: slow }] };
    });
    const args = ['create', '--bundle', bundle.dir, bundle.id];
    const davit = bundle.startRuntime({ env: server.env }, ...args);
    await waitFor(() =>
      /\n$/.test(existsSync(`${slow}.pid`) ? readFileSync(`${slow}.pid`, 'utf8') : ''),
    );
    const pid = Number(readFileSync(`${slow}.pid`, 'utf8'));
    assert.equal(server.run('--version').status, 0);
    assert.match(server.status(), /--version|version/);
    davit.kill('SIGKILL');
    await waitFor(() => !existsSync(`/proc/${pid}`));
    await waitFor(() => bundle.runtimeWith({ env: server.env }, 'state', bundle.id).status !== 0);
    await bundle.expectNothingLeftSoon();
  });
});

test('hooks find joined namespaces at the pid of their state', {
  skip: needsContainers,
}, async (t) => {
  const server = await startServer(t);
  const other = makeBundle(t, { args: ['sleep', '1000'] });
  other.runDetached();
  const paths = ['net', 'ipc', 'uts'].map((file) => `/proc/${other.state().pid}/ns/${file}`);
  const kinds = ['prestart', 'createRuntime', 'createContainer'] as const;
  for (const env of [server.env, COLD]) {
    for (const kind of kinds) {
      const bundle = makeBundle(t);
      const found = join(bundle.dir, 'found');
      // A createContainer hook knows init by its pid in the container, which the host's /proc lacks.
      const state = `pid=$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/')`;
      const pid = kind === 'createContainer' ? 'pid=self' : state;
      const look = `for ns in net ipc uts; do readlink /proc/$pid/ns/$ns; done > ${found}`;
      bundle.configure((spec) => {
        spec.process.args = ['true'];
        delete spec.hostname;
        for (const [i, type] of ['network', 'ipc', 'uts'].entries())
          spec.linux.namespaces.find((one) => one.type === type)!.path = paths[i]!;
        spec.hooks = { [kind]: [{ path: '/bin/sh', args: ['sh', '-c', `${pid}; ${look}`] }] };
      });
      const run = ['run', '--bundle', bundle.dir, bundle.id];
      const { status, stderr } = bundle.runtimeWith({ env }, ...run);
      assert.deepEqual([status, stderr], [0, '']);
      const expected = paths.map((path) => readlinkSync(path));
      assert.deepEqual(readFileSync(found, 'utf8').trim().split('\n'), expected, kind);
    }
  }
  server.expectServed();
});
