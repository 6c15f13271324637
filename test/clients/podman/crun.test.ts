import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

// Features that Podman uses only with crun.

const { same } = withEngine(podman, 'crun');

same(
  '--group-add keep-groups',
  `c=$(setpriv --groups 7,8 $RUN -d --group-add keep-groups bb sleep 1000)
  grep Groups /proc/$($ENGINE inspect --format "{{.State.Pid}}" $c)/status
  setpriv --groups 7,8 $ENGINE exec $c grep Groups /proc/self/status; $REMOVE $c >/dev/null`,
  /^Groups:\t7 8 ?\nGroups:\t7 8 ?$/,
);
same(
  'annotations: hooks that print to a file',
  `mkdir -p $DIR/hooks; cat >$DIR/hooks/say.json <<END
{"version": "1.0.0", "hook": {"path": "/bin/sh", "args": ["sh", "-c", "cat >/dev/null; echo hello"]},
  "when": {"always": true}, "stages": ["createRuntime", "poststart"]}
END
  $RUN --rm --hooks-dir $DIR/hooks --annotation run.oci.hooks.stdout=$DIR/hooks/out bb true
  cat $DIR/hooks/out; rm $DIR/hooks/out`,
  'hello\nhello',
);
same(
  '--cgroups=disabled',
  `c=$($ENGINE run -d --cgroups disabled bb sleep 1000)
  cmp /proc/self/cgroup /proc/$($ENGINE inspect --format "{{.State.Pid}}" $c)/cgroup
  $ENGINE exec $c cat /proc/self/cgroup | cmp - /proc/self/cgroup && echo same
  $ENGINE stop -t 1 $c >/dev/null; $ENGINE rm $c >/dev/null; $ENGINE ps -aq`,
  'same',
);
// -i: without it stdin is the host's /dev/null, and crun would change its owner.
same(
  'volumes with idmap, and with mappings of their own',
  `mkdir -p $DIR/ids; touch $DIR/ids/a; chown 7:7 $DIR/ids/a
  $RUN -i --rm --network none --uidmap 0:100000:65536 -v $DIR/ids:/v:idmap bb stat -c "%u %g" /v/a
  own="idmap=uids=7-100001-1;gids=7-100002-1"
  $RUN -i --rm --network none --uidmap 0:100000:65536 -v "$DIR/ids:/v:$own" bb stat -c "%u %g" /v/a`,
  '7 7\n1 2',
);
