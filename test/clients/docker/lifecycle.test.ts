import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

same(
  'all processes end where the PID namespace is shared',
  `c=$($RUN -d --pid host bb sh -c "sleep 1234 & sleep 1235")
  until [ $(pgrep -fxc 'sleep 123[45]') = 2 ]; do sleep .1; done
  $REMOVE $c >/dev/null; pgrep -fxc 'sleep 123[45]'`,
  { prints: '0', status: 1 },
);
same(
  'top and stats',
  `c=$($RUN -d bb sleep 1000)
  $ENGINE top $c -o pid,args | awk '{ print $2, $3 }'
  $ENGINE stats --no-stream --format "{{.PIDs}}" $c; $REMOVE $c >/dev/null`,
  'COMMAND \nsleep 1000\n1',
);
same(
  'twenty at once',
  `for i in $(seq 20); do $RUN --rm bb echo $i & done | sort -n | tr '\\n' ' '; $ENGINE ps -aq`,
  Array.from({ length: 20 }, (_, i) => i + 1).join(' '),
);
