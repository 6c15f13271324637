import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

const STATUS = (...names: string[]) => `grep -E "^(${names.join('|')}):" /proc/self/status`;

same(
  'default capabilities',
  `$RUN --rm bb ${STATUS('CapInh', 'CapEff', 'CapBnd', 'CapAmb')}`,
  'CapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000',
);
same('a user has none', `$RUN --rm -u 1000 bb ${STATUS('CapEff')}`, 'CapEff:\t0000000000000000');
same(
  'no seccomp',
  `$RUN --rm --security-opt seccomp=unconfined bb ${STATUS('Seccomp')}`,
  'Seccomp:\t0',
);
same(
  'no-new-privileges',
  `$RUN --rm --security-opt no-new-privileges bb ${STATUS('NoNewPrivs')}`,
  'NoNewPrivs:\t1',
);
same(
  'masked and read-only paths',
  '$RUN --rm bb sh -c "wc -c </proc/keys; ls /sys/firmware | wc -l; echo b >/proc/sysrq-trigger"',
  { prints: '0\n0', error: /sysrq-trigger/, status: 1 },
);
same(
  'devices',
  `$RUN --rm --device /dev/null:/dev/mine bb sh -c 'echo >/dev/mine; stat -c %t:%T /dev/mine; mknod /kmsg c 1 11 && cat /kmsg'`,
  { prints: '1:3', error: /Operation not permitted/, status: 1 },
);
same(
  'hostname, sysctl, rlimit, oom score',
  `$RUN --rm --hostname web1 --sysctl kernel.shmmax=1000000 --ulimit nofile=100:200 --oom-score-adj 123 bb sh -c 'hostname; cat /proc/sys/kernel/shmmax; ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj'`,
  'web1\n1000000\n100\n200\n123',
);
same(
  "another container's namespaces",
  `c=$($RUN -d --ipc shareable bb sleep 1000)
  $RUN --rm --network container:$c --pid container:$c --ipc container:$c bb sh -c 'ps -o args | grep -x "sleep 1000"; ls /sys/class/net | wc -l'
  $REMOVE $c >/dev/null`,
  'sleep 1000\n2',
);
