import { withEngine } from '../support/engine.ts';
import { engines } from './engines.ts';

const STATUS = '$ENGINE inspect --format "{{.State.Status}}" $c';

for (const engine of engines) {
  const { same } = withEngine(engine);

  same(
    'kill',
    'c=$($RUN -d bb sleep 1000); $ENGINE kill $c >/dev/null; $ENGINE wait $c; $ENGINE rm $c >/dev/null',
    '137',
  );
  same(
    'a signal reaches the program',
    `c=$($RUN -d bb sh -c "trap 'echo got; exit 3' USR1; echo ready; while :; do sleep .1; done")
    until $ENGINE logs $c | grep -q ready; do sleep .1; done
    $ENGINE kill -s USR1 $c >/dev/null; $ENGINE wait $c; $ENGINE logs $c; $ENGINE rm $c >/dev/null`,
    '3\nready\ngot',
  );
  same(
    'stop, start again, restart',
    `c=$($RUN -d bb sleep 1000)
    $ENGINE stop -t 1 $c >/dev/null 2>&1; $ENGINE inspect --format "{{.State.ExitCode}}" $c
    $ENGINE start $c >/dev/null && $ENGINE exec $c echo started
    $ENGINE restart -t 0 $c >/dev/null && $ENGINE exec $c echo restarted
    $REMOVE $c >/dev/null`,
    '137\nstarted\nrestarted',
  );
  same(
    'pause and unpause',
    `c=$($RUN -d bb sleep 1000)
    $ENGINE pause $c >/dev/null; ${STATUS}; $ENGINE unpause $c >/dev/null; ${STATUS}
    $ENGINE pause $c >/dev/null; $REMOVE $c >/dev/null; echo $?`,
    'paused\nrunning\n0',
  );
  same(
    'a restart policy',
    `c=$($RUN -d --restart on-failure:2 bb sh -c "echo ran; exit 1")
    until [ "$($ENGINE inspect --format "{{.RestartCount}}{{.State.Status}}" $c)" = 2exited ]; do sleep .1; done
    $ENGINE logs $c; $REMOVE $c >/dev/null`,
    'ran\nran\nran',
  );
  same(
    'init is killed from outside',
    `c=$($RUN -d bb sleep 1000); kill -9 $($ENGINE inspect --format "{{.State.Pid}}" $c); $ENGINE wait $c
    $ENGINE start $c >/dev/null && $ENGINE exec $c echo again; $REMOVE $c >/dev/null`,
    '137\nagain',
  );
}
