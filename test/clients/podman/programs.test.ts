import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

const { same } = withEngine(podman);

same('run prints and returns the status', '$RUN --rm bb sh -c "echo out; exit 7"', {
  prints: 'out',
  status: 7,
});
same('a program that is not there', '$RUN --rm bb /nope; echo $?; $RUN --rm bb nope', {
  prints: '127',
  error: /exec: "\/nope": stat \/nope: no such file[\s\S]*exec: "nope": executable file not found/,
  status: 127,
});
same('a program that is none', '$RUN --rm bb /etc/passwd', {
  prints: '',
  error: /permission denied/,
  status: 126,
});
same('a terminal', `script -qec "$RUN --rm -t bb sh -c 'tty; exit 3'" /dev/null`, {
  prints: /\/dev\/pts\/0$/,
  status: 3,
});
same('input', 'echo "echo in; exit 4" | $RUN --rm -i bb sh', { prints: 'in', status: 4 });
same(
  'detached: wait, logs, inspect, rm',
  `c=$($RUN -d bb sh -c "echo one; sleep .2; exit 5")
  $PODMAN wait $c; $PODMAN logs $c
  $PODMAN inspect --format "{{.State.Status}} {{.State.ExitCode}}" $c; $PODMAN rm $c >/dev/null`,
  '5\none\nexited 5',
);
same(
  'exec',
  `c=$($RUN -d bb sleep 1000)
  $PODMAN exec $c sh -c "echo ran; exit 9"; echo $?
  $PODMAN exec -u 1000:2000 -w /tmp -e A=b $c sh -c 'pwd; id -u; id -g; echo $A'
  echo data | $PODMAN exec -i $c cat
  script -qec "$PODMAN exec -t $c sh -c 'tty; exit 6'" /dev/null; echo $?
  $PODMAN exec $c nope >/dev/null 2>&1; echo $?
  $PODMAN rm -f -t 0 $c >/dev/null`,
  /^ran\n9\n\/tmp\n1000\n2000\nb\ndata\n\/dev\/pts\/0\n6\n127$/,
);
same(
  'init, then start',
  `c=$($PODMAN create --network none bb echo started); $PODMAN init $c >/dev/null
  $PODMAN inspect --format "{{.State.Status}}" $c; $PODMAN start -a $c; $PODMAN rm $c >/dev/null`,
  'initialized\nstarted',
);
same(
  'a health check',
  `c=$($RUN -d --health-cmd true --health-interval disable bb sleep 1000)
  $PODMAN healthcheck run $c; echo $?; $PODMAN rm -f -t 0 $c >/dev/null`,
  '0',
);
same(
  '--preserve-fds',
  `echo text >$DIR/fd; $RUN --rm --network none --preserve-fds 1 bb cat /proc/self/fd/3 3<$DIR/fd
  c=$($RUN -d --network none bb sleep 1000)
  $PODMAN exec --preserve-fds 1 $c cat /proc/self/fd/3 3<$DIR/fd; $PODMAN rm -f -t 0 $c >/dev/null`,
  'text\ntext',
);
same(
  'build',
  `mkdir -p $DIR/context && cd $DIR/context && echo data >data
  printf 'FROM bb\\nRUN echo built >/b; id -u\\nCOPY data /data\\nUSER 7\\nCMD ["cat", "/data", "/b"]\\n' >Dockerfile
  $PODMAN build --network none -q -t built . >/dev/null 2>&1 && $RUN --rm --network none built`,
  'data\nbuilt',
);
same(
  'attached, with input',
  `c=$($RUN -d -i --network none bb sh -c 'read x; echo got $x; sleep .5; exit 3')
  (echo typed; sleep 1) | timeout 10 $PODMAN attach $c; $PODMAN wait $c; $PODMAN rm $c >/dev/null`,
  /^got typed\s+3$/,
);
same(
  'a volume as an overlay',
  `echo lower >$DIR/v/f; $RUN --rm --network none -v $DIR/v:/o:O bb sh -c 'echo up >/o/f; cat /o/f'; cat $DIR/v/f`,
  'up\nlower',
);
