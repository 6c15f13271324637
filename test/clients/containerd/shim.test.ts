import assert from 'node:assert/strict';
import { test } from 'node:test';
import { has } from '../../support/host/has.ts';
import { containerdShim } from '../support/containerd.ts';
import { withEngine } from '../support/engine.ts';
import { testTasks } from './tasks.ts';

const { same, run, skip } = withEngine(containerdShim);

testTasks(same);

same('stdin is read to its end', '(echo input; sleep 1) | $RUN --rm $ROOTFS s cat', 'input');
same(
  'stdout and stderr are two',
  '$RUN --rm $ROOTFS o sh -c "echo out; echo err >&2" 2>/dev/null',
  'out',
);
same(
  '100 MB through run, and in and out of exec',
  `$RUN --rm $ROOTFS l1 dd if=/dev/zero bs=1M count=100 2>/dev/null | wc -c
  $RUN -d $ROOTFS l2 sleep 1000
  $CTR tasks exec --exec-id out l2 dd if=/dev/zero bs=1M count=100 2>/dev/null | wc -c
  (head -c 104857600 /dev/zero; sleep 1) | $CTR tasks exec --exec-id in l2 wc -c
  $CTR tasks rm -f l2 2>/dev/null; $CTR containers rm l2`,
  '104857600\n104857600\n104857600',
);
same(
  'a log file gets stdout and stderr',
  `$RUN -d --log-uri file://$DIR/logs/$$ $ROOTFS f sh -c 'echo out; echo err >&2'
  until $CTR tasks ls | grep -q STOPPED; do sleep .1; done
  sort $DIR/logs/$$; $CTR tasks rm f; $CTR containers rm f`,
  'err\nout',
);
same(
  'a logging program gets stdout, and its arguments',
  `printf '#!/bin/sh\\nexec 5>&-\\necho "$1 $2 $CONTAINER_ID $CONTAINER_NAMESPACE" >%s/logged\\ncat <&3 >>%s/logged' $DIR $DIR >$DIR/logger
  chmod +x $DIR/logger
  $RUN -d --log-uri "binary://$DIR/logger?key=value" $ROOTFS g echo out
  until $CTR tasks ls | grep -q STOPPED; do sleep .1; done
  $CTR tasks rm g; $CTR containers rm g; cat $DIR/logged`,
  'key value g default\nout',
);
same(
  'a container of the host’s pid namespace ends with its init',
  `$RUN -d --with-ns pid:/proc/1/ns/pid $ROOTFS n sh -c "sleep 2001 & sleep 2002"
  $CTR tasks kill -s KILL n; until $CTR tasks ls | grep -q STOPPED; do sleep .1; done
  pgrep -f "^sleep 200[12]"; $CTR tasks rm n 2>/dev/null; $CTR containers rm n`,
  '',
);
same(
  'events arrive in order',
  `$CTR events >$DIR/events & listener=$!
  sleep 1
  $RUN -d $ROOTFS e sleep 1000
  $CTR tasks exec --exec-id x e true
  $CTR tasks pause e; $CTR tasks resume e
  $CTR tasks kill -s KILL e; until $CTR tasks ls | grep -q STOPPED; do sleep .1; done
  $CTR tasks rm e 2>/dev/null; $CTR containers rm e
  until grep -q /tasks/delete $DIR/events; do sleep .1; done
  kill $listener
  grep -o '/tasks/[a-z-]*' $DIR/events | tr '\\n' ' '`,
  '/tasks/create /tasks/start /tasks/exec-added /tasks/exec-started /tasks/exit /tasks/paused /tasks/resumed /tasks/exit /tasks/delete',
);

test("davit's shim: a container without FIFOs is checkpointed", {
  skip: skip || !has('criu'),
}, () => {
  const { stdout, stderr } = run(`
    $RUN -d --null-io $ROOTFS p sh -c "while :; do sleep .1; done"
    $CTR tasks checkpoint p >/dev/null && echo saved
    $CTR tasks rm -f p 2>/dev/null; $CTR containers rm p`);
  assert.equal(stdout, 'saved\n', stderr);
});

test("davit's shim: 20 containers are in one process, and leave nothing", { skip }, () => {
  const { stdout, stderr } = run(`
    for i in $(seq 20); do $RUN_IN/m$i -d $ROOTFS m$i sleep 1000 & done; wait
    $CTR tasks ls | grep -c RUNNING
    pgrep -fc "^containerd-shim-davit-v1 "
    for i in $(seq 20); do $CTR tasks rm -f m$i 2>/dev/null; $CTR containers rm m$i; done
    $CTR tasks ls -q; ls /run/containerd/davit/default; pgrep -f "^sleep 1000"`);
  assert.equal(stdout, '20\n1\n', stderr);
});

test("davit's shim: containerd cleans up after a killed shim", { skip }, () => {
  const { stdout, stderr } = run(`
    $RUN_IN/k1 -d $ROOTFS k1 sleep 1003; $RUN_IN/k2 -d $ROOTFS k2 sleep 1003
    pkill -KILL -f "^containerd-shim-davit-v1 "
    while pgrep -f "^sleep 1003" || [ "$(ls /run/containerd/davit/default)" ]; do sleep .1; done >/dev/null
    find /sys/fs/cgroup -type d -name 'k[12]'
    until $CTR containers rm k1 k2 2>/dev/null; do sleep .1; done
    $RUN_IN/k3 --rm $ROOTFS k3 echo again`);
  assert.equal(stdout, 'again\n', stderr);
});
