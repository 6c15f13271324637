import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

const STATUS = (...names: string[]) => `grep -E "^(${names.join('|')}):" /proc/self/status`;

same(
  'default capabilities',
  `$RUN --rm bb ${STATUS('CapInh', 'CapEff', 'CapBnd', 'CapAmb')}`,
  'CapInh:\t0000000000000000\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nCapAmb:\t0000000000000000',
);
same(
  '--cap-drop and --cap-add',
  `$RUN --rm --cap-drop all --cap-add NET_ADMIN bb ${STATUS('CapEff')}`,
  'CapEff:\t0000000000001000',
);
same('a user has none', `$RUN --rm -u 1000 bb ${STATUS('CapEff')}`, 'CapEff:\t0000000000000000');
same(
  'the default seccomp profile',
  `$RUN --rm bb sh -c '${STATUS('Seccomp')}; unshare -m true 2>/dev/null; echo $?'`,
  'Seccomp:\t2\n1',
);
same(
  'no seccomp',
  `$RUN --rm --security-opt seccomp=unconfined bb ${STATUS('Seccomp')}`,
  'Seccomp:\t0',
);
same(
  'a seccomp profile',
  `echo '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}' >$DIR/profile.json
  $RUN --rm --security-opt seccomp=$DIR/profile.json bb mkdir /x`,
  { prints: '', error: /Operation not permitted/, status: 1 },
);
same(
  'no-new-privileges',
  `$RUN --rm --security-opt no-new-privileges bb ${STATUS('NoNewPrivs')}`,
  'NoNewPrivs:\t1',
);
same(
  '--read-only',
  '$RUN --rm --read-only --tmpfs /t bb sh -c "touch /t/x && echo written; touch /x"',
  { prints: 'written', error: /Read-only/, status: 1 },
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
