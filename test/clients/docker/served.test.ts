import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAVIT } from '../../support/command.ts';
import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

/* Docker, whose containers have a prestart hook, with a server beside it. */

const engine = docker();
const { same, run, skip } = withEngine({
  ...engine,
  async start(enclosure) {
    const { status, stderr } = enclosure.run(`
      setsid ${DAVIT} serve >${enclosure.dir}/served 2>&1 </dev/null &
      until [ -S /run/davit/server.sock ]; do sleep .1; done`);
    assert.equal(status, 0, stderr);
    await engine.start(enclosure);
  },
});

same(
  'by the server: a network, stdin, exit status',
  `echo in | $RUN --rm -i bb sh -c 'cat; ip -o -4 addr show dev eth0 | grep -c 172.17; exit 3'`,
  { prints: 'in\n1', status: 3 },
);
same(
  'by the server: exec, stop and start again',
  `c=$($RUN -d bb sleep 1000); $ENGINE exec $c sh -c 'echo $0'; $ENGINE exec $c nosuch; echo $?
  $ENGINE stop -t 0 $c >/dev/null; $ENGINE start $c >/dev/null; $ENGINE exec $c cat /proc/1/comm
  $REMOVE $c >/dev/null`,
  /^sh\n(.|\n)*126\nsleep$/,
);
same(
  'by the server: ten at once',
  `for i in $(seq 10); do $RUN --rm bb echo $i & done | sort -n | tr '\\n' ' '; $ENGINE ps -aq`,
  Array.from({ length: 10 }, (_, i) => i + 1).join(' '),
);

test('docker: nothing of this went cold', { skip }, () => {
  const { stdout } = run(`${DAVIT} serve --status`);
  for (const name of ['create', 'start', 'exec', 'kill', 'delete']) {
    assert.match(stdout, new RegExp(`^${name} +\\d`, 'm'), stdout);
  }
  assert.doesNotMatch(stdout, /BECAUSE/, stdout);
});
