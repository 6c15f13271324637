import { withEngine } from '../support/engine.ts';
import { engines } from './engines.ts';

for (const engine of engines) {
  const { same } = withEngine(engine);

  same('run prints and returns the status', '$RUN --rm bb sh -c "echo out; exit 7"', {
    prints: 'out',
    status: 7,
  });
  same('a program that is not there', '$RUN --rm bb /nope; echo $?; $RUN --rm bb nope', {
    prints: '127',
    error:
      /exec: "\/nope": stat \/nope: no such file[\s\S]*exec: "nope": executable file not found/,
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
    $ENGINE wait $c; $ENGINE logs $c
    $ENGINE inspect --format "{{.State.Status}} {{.State.ExitCode}}" $c
    $ENGINE rm $c >/dev/null`,
    '5\none\nexited 5',
  );
  same(
    'exec',
    `c=$($RUN -d bb sleep 1000)
    $ENGINE exec $c sh -c "echo ran; exit 9"; echo $?
    $ENGINE exec -u 1000:2000 -w /tmp -e A=b $c sh -c 'pwd; id -u; id -g; echo $A'
    echo data | $ENGINE exec -i $c cat
    $ENGINE exec -d $c touch /tmp/detached >/dev/null; until $ENGINE exec $c ls /tmp | grep .; do sleep .1; done
    $ENGINE exec $c nope >/dev/null 2>&1; echo $?
    $REMOVE $c >/dev/null`,
    /^ran\n9\n\/tmp\n1000\n2000\nb\ndata\ndetached\n12[67]$/,
  );
  same(
    'exec with a terminal',
    `c=$($RUN -d bb sleep 1000)
    script -qec "$ENGINE exec -t $c sh -c 'tty; exit 6'" /dev/null; echo $?
    $REMOVE $c >/dev/null`,
    /\/dev\/pts\/0\n6$/,
  );
  same(
    'build',
    `mkdir -p $DIR/context && cd $DIR/context && echo data >data
    printf 'FROM bb\\nRUN echo built >/b; id -u\\nCOPY data /data\\nUSER 7\\nCMD ["cat", "/data", "/b"]\\n' >Dockerfile
    export DOCKER_BUILDKIT=0
    $ENGINE build --network none -q -t built . >/dev/null 2>&1 && $RUN --rm --network none built`,
    'data\nbuilt',
  );
}
