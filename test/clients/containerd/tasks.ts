import type { Same } from '../support/engine.ts';

/** Tests of containerd's clients with tasks, for any shim. Scripts get CTR, RUN, ROOTFS and DIR. */
export function testTasks(same: Same): void {
  same('run prints and returns the status', '$RUN --rm $ROOTFS a sh -c "echo out; exit 7"', {
    prints: 'out',
    status: 7,
  });
  same('a program that is not there', '$RUN --rm $ROOTFS a /nope', {
    prints: '',
    error: /exec: "\/nope": stat \/nope: no such file/,
    status: 1,
  });
  same('a terminal', `script -qec "$RUN --rm -t $ROOTFS a sh -c 'tty; exit 4'" /dev/null`, {
    prints: /\/dev\/pts\/0$/,
    status: 4,
  });
  same(
    'exec, pause, resume, ps, metrics, kill, delete',
    `$RUN -d --memory-limit 67108864 $ROOTFS b sleep 1000
  status() { $CTR tasks ls | awk '$1 == "b" { print $3 }'; }
  $CTR tasks exec --exec-id e1 b sh -c "echo ran; exit 5"; echo $?
  script -qec "$CTR tasks exec -t --exec-id e2 b sh -c 'tty; exit 6'" /dev/null 2>&1 | grep -o '/dev/pts/0'
  $CTR tasks exec --exec-id e3 b /nope 2>&1 | grep -o 'stat /nope: no such file'
  $CTR tasks pause b; status; $CTR tasks resume b; status
  $CTR tasks ps b | tail -n +2 | wc -l
  $CTR tasks metrics b | grep -cE "^(memory.limit_in_bytes|memory.usage_in_bytes|pids.current)"
  $CTR tasks kill -s KILL b; until [ "$(status)" = STOPPED ]; do sleep .1; done
  $CTR tasks rm b 2>/dev/null; $CTR containers rm b; status`,
    /^ran\n5\n\/dev\/pts\/0\nstat \/nope: no such file\nPAUSED\nRUNNING\n1\n\d$/,
  );
  same(
    'a running task is deleted',
    '$RUN -d $ROOTFS c sh -c "sleep 1000 & sleep 1001"; $CTR tasks rm -f c 2>/dev/null; $CTR containers rm c; $CTR tasks ls -q',
    '',
  );
  same(
    'mounts, environment, directory, read-only',
    `mkdir -p $DIR/v; echo text >$DIR/v/file
  $RUN --rm --read-only --mount type=bind,src=$DIR/v,dst=/mnt,options=rbind:ro --env A=b --cwd /tmp $ROOTFS d sh -c 'cat /mnt/file; echo $A; pwd; touch /mnt/x'`,
    { prints: 'text\nb\n/tmp', error: /Read-only/, status: 1 },
  );
  same(
    'seccomp and capabilities',
    '$RUN --rm --seccomp --cap-drop CAP_CHOWN $ROOTFS e grep -E "^(CapEff|Seccomp):" /proc/self/status',
    'CapEff:\t00000000a80425fa\nSeccomp:\t2',
  );
}
