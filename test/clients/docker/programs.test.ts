import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

same('run prints and returns the status', '$RUN --rm bb sh -c "echo out; exit 7"', {
  prints: 'out',
  status: 7,
});
same('a signal is 128 and its number', "$RUN --rm --init bb sh -c 'kill -9 $$'", {
  prints: '',
  status: 137,
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
same('input', 'echo "echo in; exit 4" | $RUN --rm -i bb sh', { prints: 'in', status: 4 });
same('a terminal', `script -qec "$RUN --rm -t bb sh -c 'tty; exit 3'" /dev/null`, {
  prints: /\/dev\/pts\/0$/,
  status: 3,
});
same(
  'detached: wait, logs, inspect, rm',
  `c=$($RUN -d bb sh -c "echo one; sleep .2; exit 5")
  $DOCKER wait $c; $DOCKER logs $c
  $DOCKER inspect --format "{{.State.Status}} {{.State.ExitCode}}" $c
  $DOCKER rm $c >/dev/null`,
  '5\none\nexited 5',
);
same(
  'exec',
  `c=$($RUN -d bb sleep 1000)
  $DOCKER exec $c sh -c "echo ran; exit 9"; echo $?
  $DOCKER exec -u 1000:2000 -w /tmp -e A=b $c sh -c 'pwd; id -u; id -g; echo $A'
  echo data | $DOCKER exec -i $c cat
  $DOCKER exec -d $c touch /tmp/detached; sleep .5; $DOCKER exec $c ls /tmp
  $DOCKER exec $c nope >/dev/null 2>&1; echo $?
  $DOCKER rm -f $c >/dev/null`,
  'ran\n9\n/tmp\n1000\n2000\nb\ndata\ndetached\n126',
);
same(
  'exec with a terminal',
  `c=$($RUN -d bb sleep 1000)
  script -qec "$DOCKER exec -t $c sh -c 'tty; exit 6'" /dev/null; echo $?
  $DOCKER rm -f $c >/dev/null`,
  /\/dev\/pts\/0\n6$/,
);
same(
  'a health check',
  `c=$($RUN -d --health-cmd true --health-interval 100ms bb sleep 1000)
  until [ "$($DOCKER inspect --format {{.State.Health.Status}} $c)" = healthy ]; do sleep .1; done
  $DOCKER rm -f $c >/dev/null; echo healthy`,
  'healthy',
);
same(
  'exec as another user, detached, and of what is not there',
  `c=$($RUN -d bb sleep 1000)
  $DOCKER exec -u 5:6 -w /tmp -e A=b $c sh -c 'echo $(id -u):$(id -g) $(pwd) $A'
  $DOCKER exec -d $c sh -c 'echo left >/tmp/f'; until $DOCKER exec $c cat /tmp/f; do sleep .1; done 2>/dev/null
  $DOCKER exec $c nope >/dev/null; echo $?; $DOCKER rm -f $c >/dev/null`,
  { prints: /^5:6 \/tmp b\nleft\n12[67]$/ },
);
same(
  'a terminal has the size of the caller’s',
  `script -qec "stty rows 41 cols 101; $RUN --rm -it bb sh -c 'sleep 1; stty size'" /dev/null </dev/null`,
  /41 101$/,
);
same(
  'build',
  `mkdir -p $DIR/context && cd $DIR/context && echo data >data
  printf 'FROM bb\\nRUN echo built >/b; id -u\\nCOPY data /data\\nUSER 7\\nCMD ["cat", "/data", "/b"]\\n' >Dockerfile
  DOCKER_BUILDKIT=0 $DOCKER build -q -t built . >/dev/null 2>&1 && $RUN --rm built`,
  'data\nbuilt',
);
same(
  'cp, diff and commit',
  `c=$($RUN -d bb sleep 1000); echo there >$DIR/f; $DOCKER cp $DIR/f $c:/f; $DOCKER exec $c cat /f
  $DOCKER diff $c | grep -x "A /f"; $DOCKER commit $c changed >/dev/null; $RUN --rm changed cat /f
  $DOCKER rm -f $c >/dev/null`,
  'there\nA /f\nthere',
);
