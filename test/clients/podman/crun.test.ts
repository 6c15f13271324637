import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

// What Podman asks of crun, and of no other runtime.

const { same } = withEngine(podman, 'crun');

same(
  '--group-add keep-groups',
  `c=$(setpriv --groups 7,8 $RUN -d --group-add keep-groups bb sleep 1000)
  grep Groups /proc/$($PODMAN inspect --format "{{.State.Pid}}" $c)/status
  setpriv --groups 7,8 $PODMAN exec $c grep Groups /proc/self/status; $PODMAN rm -ft 0 $c >/dev/null`,
  /^Groups:\t7 8 ?\nGroups:\t7 8 ?$/,
);
same(
  'annotations: hooks that print to a file',
  `mkdir -p $DIR/hooks; cat >$DIR/hooks/say.json <<END
{"version": "1.0.0", "hook": {"path": "/bin/echo", "args": ["echo", "hello"]},
  "when": {"always": true}, "stages": ["createRuntime", "poststart"]}
END
  $RUN --rm --hooks-dir $DIR/hooks --annotation run.oci.hooks.stdout=$DIR/hooks/out bb true
  cat $DIR/hooks/out; rm $DIR/hooks/out`,
  'hello\nhello',
);
same(
  '--cgroups=disabled',
  `c=$($PODMAN run -d --cgroups disabled bb sleep 1000)
  cmp /proc/self/cgroup /proc/$($PODMAN inspect --format "{{.State.Pid}}" $c)/cgroup
  $PODMAN exec $c cat /proc/self/cgroup | cmp - /proc/self/cgroup && echo same
  $PODMAN stop -t 1 $c >/dev/null; $PODMAN rm $c >/dev/null; $PODMAN ps -aq`,
  'same',
);
