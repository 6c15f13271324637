import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

const LOOP = 'while :; do sleep .1; done';

same(
  'kill',
  'c=$($RUN -d bb sleep 1000); $DOCKER kill $c >/dev/null; $DOCKER wait $c; $DOCKER rm $c >/dev/null',
  '137',
);
same(
  'a signal reaches the program',
  `c=$($RUN -d bb sh -c "trap 'echo got; exit 3' USR1; echo ready; ${LOOP}")
  until $DOCKER logs $c | grep -q ready; do sleep .1; done
  $DOCKER kill -s USR1 $c >/dev/null; $DOCKER wait $c; $DOCKER logs $c; $DOCKER rm $c >/dev/null`,
  '3\nready\ngot',
);
same(
  'stop, start again, restart',
  `c=$($RUN -d bb sleep 1000)
  $DOCKER stop -t 1 $c >/dev/null; $DOCKER inspect --format "{{.State.ExitCode}}" $c
  $DOCKER start $c >/dev/null && $DOCKER exec $c echo started
  $DOCKER restart -t 0 $c >/dev/null && $DOCKER exec $c echo restarted
  $DOCKER rm -f $c >/dev/null`,
  '137\nstarted\nrestarted',
);
same(
  'pause and unpause',
  `c=$($RUN -d bb sleep 1000)
  $DOCKER pause $c >/dev/null; $DOCKER inspect --format "{{.State.Status}}" $c
  $DOCKER unpause $c >/dev/null; $DOCKER inspect --format "{{.State.Status}}" $c
  $DOCKER pause $c >/dev/null; $DOCKER rm -f $c >/dev/null; echo $?`,
  'paused\nrunning\n0',
);
same(
  'a restart policy',
  `c=$($RUN -d --restart on-failure:2 bb sh -c "echo ran; exit 1")
  until [ $($DOCKER inspect --format "{{.RestartCount}}{{.State.Status}}" $c) = 2exited ]; do sleep .1; done
  $DOCKER logs $c; $DOCKER rm -f $c >/dev/null`,
  'ran\nran\nran',
);
same(
  'all processes end where the PID namespace is shared',
  `c=$($RUN -d --pid host bb sh -c "sleep 1234 & sleep 1235")
  until [ $(pgrep -fxc 'sleep 123[45]') = 2 ]; do sleep .1; done
  $DOCKER rm -f $c >/dev/null; pgrep -fxc 'sleep 123[45]'`,
  { prints: '0', status: 1 },
);
same(
  'top and stats',
  `c=$($RUN -d bb sleep 1000)
  $DOCKER top $c -o pid,args | awk '{ print $2, $3 }'
  $DOCKER stats --no-stream --format "{{.PIDs}}" $c; $DOCKER rm -f $c >/dev/null`,
  'COMMAND \nsleep 1000\n1',
);
same(
  'twenty at once',
  `for i in $(seq 20); do $RUN --rm bb echo $i & done | sort -n | tr '\\n' ' '; $DOCKER ps -aq`,
  Array.from({ length: 20 }, (_, i) => i + 1).join(' '),
);
same(
  'init is killed from outside',
  `c=$($RUN -d bb sleep 1000); kill -9 $($DOCKER inspect --format "{{.State.Pid}}" $c); $DOCKER wait $c
  $DOCKER start $c >/dev/null && $DOCKER exec $c echo again; $DOCKER rm -f $c >/dev/null`,
  '137\nagain',
);
