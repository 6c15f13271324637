import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import { needsRoot } from '../../support/bundle.ts';
import { runCommand } from '../../support/command.ts';
import { type ServerUnderTest, startServer } from '../../support/server.ts';
import { waitFor } from '../../support/wait-for.ts';

/*
 * A client of the same user that is not davit's front. The server must survive it and keep none of
 * its fds.
 */

/** Runs Python code that can `connect()` to the server. */
function attack(server: ServerUnderTest, script: string): void {
  const python = `
import array, os, socket, struct, sys, time
def connect():
  s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
  s.connect(sys.argv[1])
  return s
def send(s, data, fds):
  s.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))])
def request(build, *words, argc=None, envc=0):
  numbers = struct.pack('<5Q', len(words) if argc is None else argc, envc, 0o22, 1024, 4096)
  return b'davit door 1 ' + build + b'\\0' + numbers + b''.join(w + b'\\0' for w in words)
build = os.fsencode(sys.argv[2])
${script}`;
  const args = ['-c', python, server.socket, server.build, String(server.pid)];
  const { status, stderr } = runCommand('python3', args);
  assert.deepEqual([status, stderr], [0, '']);
}

const fdsOf = (server: ServerUnderTest): number => readdirSync(`/proc/${server.pid}/fd`).length;

/** Checks that the server still answers, with as many fds as before. */
async function expectUnharmed(server: ServerUnderTest, before: number): Promise<void> {
  assert.equal(server.run('state', 'x').stderr, 'davit: state x: container does not exist\n');
  await waitFor(() => fdsOf(server) <= before);
}

suite('the server survives a client that is not the front', { skip: needsRoot }, () => {
  const attacks: Record<string, string> = {
    'sends nothing and goes': 'for _ in range(50): connect().close()',
    'sends nothing and stays': 'many = [connect() for _ in range(50)]; time.sleep(1.5)',
    'sends nonsense, with fds': `
for data in [b'x', b'\\0' * 100, os.urandom(1000), b'davit door 1 build', request(b'other', b'davit')]:
  send(connect(), data, [0, 1, 2, 0])`,
    'sends too few fds, and too many': `
for n in [1, 3, 5, 50, 253]: send(connect(), request(build, b'davit', b'state', b'x'), [0] * n)`,
    'lies about what it sends': `
for argc, envc in [(0, 0), (1, 0), (4, 0), (3, 1), (2**63, 2**63), (2**64 - 1, 4)]:
  send(connect(), request(build, b'davit', b'state', b'x', argc=argc, envc=envc), [0, 0, 1, 2])`,
    'sends as much as fits': `
s = connect()
send(s, request(build, b'davit', b'state', b'x' * 200000), [0, 0, 1, 2])`,
    'sends fds of other kinds': `
r, w = os.pipe()
for fd in [r, w, os.open('/', os.O_PATH), os.open('/dev/null', os.O_RDWR), connect().fileno()]:
  send(connect(), request(build, b'davit', b'state', b'x'), [fd] * 4)`,
    'sends a pipe in place of the permit': `
r, w = os.pipe()
s = connect()
send(s, request(build, b'davit', b'state', b'x'), [r, os.open('/', os.O_PATH), 1, 2])
s.close()`,
    'sends its requests and reads no answer': `
os.set_blocking(1, False)
many = [connect() for _ in range(20)]
permits = [os.eventfd(1, os.EFD_NONBLOCK) for _ in many]
for s, permit in zip(many, permits):
  send(s, request(build, b'davit', b'features'), [permit, os.open('/', os.O_PATH), 1, 2])
time.sleep(0.5)`,
    'names fds of the server': `
permit = os.eventfd(1, os.EFD_NONBLOCK)
trace = b'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
released = b'DAVIT_RELEASED=' + sys.argv[3].encode() + b' 0 1 2 ' + trace
send(connect(), request(build, b'davit', b'start', b'x', released, argc=3, envc=1), [permit, os.open('/', os.O_PATH), 1, 2])`,
  };
  for (const [name, script] of Object.entries(attacks)) {
    test(name, async (t) => {
      const server = await startServer(t);
      // What stays open after the first request is not a leak.
      server.run('features');
      const before = fdsOf(server);
      attack(server, script);
      await expectUnharmed(server, before);
    });
  }
});
