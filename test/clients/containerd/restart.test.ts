import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { DAVIT } from '../../support/command.ts';
import { containerdShim } from '../support/containerd.ts';
import { withEngine } from '../support/engine.ts';

/* While containers run, containerd is killed and starts anew, or davit is upgraded. */

const { same, run, skip } = withEngine(containerdShim);

/** Functions of the scripts. Only this containerd is in the PID namespace. */
const FUNCTIONS = `
kill_containerd() { pkill -KILL -x containerd; while $CTR version; do sleep .1; done >/dev/null 2>&1; }
restart() { kill_containerd; sh $DIR/start-containerd; }
stopped() { until $CTR tasks ls | grep -q "^$1 .*STOPPED"; do sleep .1; done; }
remove() { $CTR tasks rm -f $1 >/dev/null 2>&1; $CTR containers rm $1; }`;

same(
  'after a restart, a task runs on, takes an exec and a signal, and ends',
  `${FUNCTIONS}
  $RUN -d $ROOTFS r1 sh -c 'trap "exit 5" TERM; while :; do sleep .1; done'
  restart
  $CTR tasks ls | awk '$1 == "r1" { print $3 }'
  $CTR tasks exec --exec-id x r1 echo there
  $CTR tasks kill r1; stopped r1
  $CTR tasks rm r1 2>&1 | grep -o 'exit code [0-9]*'; $CTR containers rm r1; $CTR tasks ls -q`,
  'RUNNING\nthere\nexit code 5',
);

same(
  'a task that ends while containerd is away: its status is known afterwards',
  `${FUNCTIONS}
  $RUN -d $ROOTFS r2 sh -c 'until [ -e /tmp/end ]; do sleep .1; done; exit 7'
  pid=$($CTR tasks ls | awk '$1 == "r2" { print $2 }')
  kill_containerd
  touch $DIR/rootfs/tmp/end
  while kill -0 $pid; do sleep .1; done 2>/dev/null
  sh $DIR/start-containerd
  stopped r2; $CTR tasks rm r2 2>&1 | grep -o 'exit code [0-9]*'
  $CTR containers rm r2; rm $DIR/rootfs/tmp/end`,
  'exit code 7',
);

same(
  'what a task writes while containerd is away is not lost',
  `${FUNCTIONS}
  $RUN -d --log-uri file://$DIR/away-$$ $ROOTFS r3 sh -c 'i=0; while [ $i -lt 40 ]; do echo $((i += 1)); sleep .1; done'
  restart
  stopped r3; remove r3
  seq 40 | cmp - $DIR/away-$$ && echo all`,
  'all',
);

same(
  'FIFOs without a reader keep what a task writes for the next reader',
  `${FUNCTIONS}
  $RUN -d $ROOTFS r4 sh -c 'sleep 1; echo kept; sleep 2; echo later'
  restart
  $CTR tasks attach r4
  remove r4`,
  'kept\nlater',
);

same(
  'events of tasks that were made before a restart arrive after it',
  `${FUNCTIONS}
  $RUN -d $ROOTFS r5 sleep 1000
  restart
  $CTR events >$DIR/events-$$ & listener=$!
  sleep 1
  $CTR tasks kill -s KILL r5; stopped r5; remove r5
  until grep -q /tasks/delete $DIR/events-$$; do sleep .1; done
  kill $listener
  grep -o '/tasks/[a-z-]*' $DIR/events-$$ | tr '\\n' ' '`,
  '/tasks/exit /tasks/delete',
);

test("davit's shim: it is killed while containerd is away, and nothing is left", { skip }, () => {
  const { stdout, stderr } = run(`${FUNCTIONS}
    $RUN_IN/k1 -d $ROOTFS k1 sleep 1007; $RUN_IN/k2 -d $ROOTFS k2 sleep 1007
    kill_containerd
    pkill -KILL -f "^containerd-shim-davit-v1 "
    sh $DIR/start-containerd
    while pgrep -f "^sleep 1007" || [ "$(ls /run/containerd/davit/default)" ]; do sleep .1; done >/dev/null
    find /sys/fs/cgroup -path "*$(basename $DIR)/k[12]" -type d
    $CTR tasks ls -q
    until $CTR containers rm k1 k2 2>/dev/null; do sleep .1; done
    $RUN_IN/k3 --rm $ROOTFS k3 echo again`);
  assert.equal(stdout, 'again\n', stderr);
});

test("davit's shim: after an upgrade, another one makes containers, and the first keeps its own", {
  skip,
}, () => {
  const dist = dirname(DAVIT);
  const { stdout, stderr } = run(`${FUNCTIONS}
    # The same build under another name.
    mkdir $DIR/next; ln -s ${dist}/* $DIR/next; rm $DIR/next/containerd-shim-davit-v1
    build=$(grep -o 'build-[0-9a-f]*' ${dist}/containerd-shim-davit-v1 | head -n 1)
    ln -s ${dist}/$build $DIR/next/build-next
    sed "s/$build/build-next/" ${dist}/containerd-shim-davit-v1 >$DIR/next/containerd-shim-davit-v1
    chmod +x $DIR/next/containerd-shim-davit-v1
    shims() { pgrep -fc "^containerd-shim-davit-v1 "; }
    $RUN_IN/u1 -d $ROOTFS u1 sleep 1008; shims
    $CTR run --runtime $DIR/next/containerd-shim-davit-v1 --cgroup $CGROUP/u2 \\
      --env PATH=/bin -d $ROOTFS u2 sleep 1008
    shims
    for id in u1 u2; do
      $CTR tasks exec --exec-id x $id echo $id
      $CTR tasks kill -s KILL $id; stopped $id; remove $id
    done
    $CTR tasks ls -q`);
  assert.equal(stdout, '1\n2\nu1\nu2\n', stderr);
});
