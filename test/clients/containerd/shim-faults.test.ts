import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerdShim } from '../support/containerd.ts';
import { withEngine } from '../support/engine.ts';

/* davit's shim of containerd is killed, has 200 containers, or has a reader that stops. */

const { run, skip } = withEngine(containerdShim);

/** Seconds after the start of the client's command. */
const MOMENTS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5];

/** A client's command that is under way when something is killed, and what comes before it. */
const COMMANDS = {
  run: { before: '', command: '$RUN_IN/$K -d $ROOTFS $K sleep 1005' },
  exec: {
    before: '$RUN_IN/$K -d $ROOTFS $K sleep 1005',
    command: '$CTR tasks exec --exec-id x $K sleep 1005',
  },
  delete: { before: '$RUN_IN/$K -d $ROOTFS $K sleep 1005', command: '$CTR tasks rm -f $K' },
};

/** What is killed. Without containerd, a client may wait for ever. */
const KILLED = {
  shim: 'pkill -KILL -f "^containerd-shim-davit-v1 "; wait $client',
  containerd: `pkill -KILL -x containerd; kill -KILL $client; wait $client
    while pgrep -x containerd >/dev/null; do sleep .1; done; sh $DIR/start-containerd`,
};

for (const [killed, kill] of Object.entries(KILLED)) {
  for (const [name, { before, command }] of Object.entries(COMMANDS)) {
    test(`davit's shim: ${killed} is killed in the middle of ${name}, nothing is left`, {
      skip,
    }, () => {
      for (const [number, moment] of MOMENTS.entries()) {
        const { stdout, stderr } = run(`
          K=${killed}-${name}-${number}
          ${before}
          ${command} >/dev/null 2>&1 & client=$!
          sleep ${moment}
          ${kill}
          until ! $CTR containers ls -q | grep -q . || $CTR containers rm $K; do
            $CTR tasks rm -f $K; sleep .1
          done >/dev/null 2>&1
          # containerd cleans up when it notices that the shim has gone.
          while [ "$(
            $CTR tasks ls -q; ls /run/containerd/davit/default; pgrep -f '^sleep 1005'
            find /sys/fs/cgroup -path "*$(basename $DIR)/$K"; grep $DIR/state /proc/self/mountinfo
          )" ]; do sleep .2; done
          echo nothing left`);
        // containerd may still clean up: the next container has another id.
        assert.equal(stdout, 'nothing left\n', `after ${moment} s: ${stderr}`);
      }
      const { stdout, stderr } = run(`
        $RUN_IN/last --rm $ROOTFS last echo again
        # Of all shims that were killed, no file of their groups and no socket is left.
        for file in $(find /run/davit/shim/groups -path "*$(basename $DIR)*" -type f); do
          read -r pid started address <$file; [ -d /proc/$pid ] || echo dead: $file
        done`);
      assert.equal(stdout, 'again\n', stderr);
    });
  }
}

test("davit's shim: 200 containers are in one process, and leave nothing", { skip }, () => {
  for (let first = 1; first <= 200; first += 20) {
    run(`
      for i in $(seq ${first} ${first + 19}); do
        $RUN_IN/h$i -d --null-io $ROOTFS h$i sleep 1006 &
      done
      wait`);
  }
  const all = run(`
    $CTR tasks ls | grep -c RUNNING
    pgrep -fc "^containerd-shim-davit-v1 "`);
  assert.equal(all.stdout, '200\n1\n', all.stderr);
  for (let first = 1; first <= 200; first += 20) {
    run(`
      for i in $(seq ${first} ${first + 19}); do
        ($CTR tasks rm -f h$i; $CTR containers rm h$i) >/dev/null 2>&1 &
      done
      wait`);
  }
  const left = run(`
    $CTR tasks ls -q; $CTR containers ls -q; ls /run/containerd/davit/default
    pgrep -f "^sleep 1006"; find /sys/fs/cgroup -path "*$(basename $DIR)/h*" -type d`);
  assert.equal(left.stdout, '', left.stderr);
});

test("davit's shim: a reader that stops does not hold up another container", { skip }, () => {
  const { stdout, stderr } = run(`
    $RUN_IN/s1 --rm $ROOTFS s1 yes >$DIR/slow & slow=$!
    until [ -s $DIR/slow ]; do sleep .1; done
    kill -STOP $slow
    $RUN_IN/s2 --rm $ROOTFS s2 echo quick
    $CTR tasks exec --exec-id x s1 echo too
    kill -CONT $slow
    $CTR tasks kill -s KILL s1
    wait $slow
    $CTR tasks ls -q; $CTR containers ls -q`);
  assert.equal(stdout, 'quick\ntoo\n', stderr);
});

test("davit's shim: a task whose output nobody reads takes an exec and a signal", { skip }, () => {
  const { stdout, stderr } = run(`
    $RUN_IN/a1 -d $ROOTFS a1 yes >/dev/null
    sleep 1
    $CTR tasks exec --exec-id x a1 echo works
    $CTR tasks kill -s KILL a1
    until $CTR tasks ls | grep -q STOPPED; do sleep .1; done
    $CTR tasks rm a1 2>/dev/null; $CTR containers rm a1; $CTR tasks ls -q`);
  assert.equal(stdout, 'works\n', stderr);
});
