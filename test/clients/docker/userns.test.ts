import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

// The user daemon is the machine's. Its subordinate ids are in the enclosure's /etc/subuid.
const { same } = withEngine(docker('--userns-remap=daemon'));

same(
  'ids are mapped',
  "$RUN --rm bb sh -c 'cat /proc/self/uid_map; touch /new; stat -c %u /new'",
  /^\s+0\s+100000\s+65536\n0$/,
);
same('a terminal', `script -qec "$RUN --rm -t bb sh -c 'tty; exit 3'" /dev/null`, {
  prints: /\/dev\/pts\/0$/,
  status: 3,
});
same(
  'exec',
  `c=$($RUN -d bb sleep 1000); $ENGINE exec -u 1000 $c sh -c 'id -u; cat /proc/self/uid_map'
  script -qec "$ENGINE exec -t $c tty" /dev/null; $REMOVE $c >/dev/null`,
  /^1000\n\s+0\s+100000\s+65536\n\/dev\/pts\/0$/,
);
same(
  'sysctl, tmpfs, read-only root',
  "$RUN --rm --sysctl net.ipv4.ip_forward=1 --tmpfs /t --read-only bb sh -c 'touch /t/x; cat /proc/sys/net/ipv4/ip_forward; touch /x'",
  { prints: '1', error: /Read-only/, status: 1 },
);
same(
  "the host's user namespace",
  "$RUN --rm --userns host bb awk '{ print $2 }' /proc/self/uid_map",
  '0',
);
