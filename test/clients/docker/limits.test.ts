import { cgroupFiles } from '../support/cgroup-files.ts';
import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());
const { memory, quota, pids, cpus } = cgroupFiles;

same(
  'memory, CPU and processes',
  `$RUN --rm -m 64m --memory-swap 64m --cpus 0.5 --pids-limit 50 --cpuset-cpus 0 bb cat ${memory} ${quota} ${pids} ${cpus}`,
  /^67108864\n50000(?: 100000)?\n50\n0$/,
);
same(
  'update',
  `c=$($RUN -d -m 64m --memory-swap 64m bb sleep 1000)
  $ENGINE update -m 128m --memory-swap 128m --cpus 0.3 --pids-limit 33 $c >/dev/null
  $ENGINE exec $c cat ${memory} ${quota} ${pids}; $REMOVE $c >/dev/null`,
  /^134217728\n30000(?: 100000)?\n33$/,
);
same(
  'running out of memory is seen',
  `c=$($RUN -d -m 16m --memory-swap 16m bb sh -c 'tail /dev/zero; exit $?')
  $ENGINE wait $c; $ENGINE inspect --format "{{.State.OOMKilled}}" $c; $ENGINE rm $c >/dev/null`,
  '137\ntrue',
);
same(
  'running out of processes',
  '$RUN --rm --pids-limit 5 bb sh -c "for i in 1 2 3 4 5 6; do sleep 1 & done"',
  { prints: '', error: /can't fork/, status: 2 },
);
