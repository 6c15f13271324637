import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

same('no network', '$RUN --rm --network none bb ip -o -4 addr | cut -d" " -f2,7', 'lo 127.0.0.1/8');
same(
  'a bridge',
  '$RUN --rm bb sh -c "ip route | head -1 | cut -d\' \' -f1,2,4,5; ip -o link | wc -l"',
  'default via dev eth0\n2',
);
same(
  "the host's",
  `inside=$($RUN --rm --network host bb readlink /proc/self/ns/net)
  [ "$inside" = "$(readlink /proc/self/ns/net)" ] && echo same`,
  'same',
);
same(
  "another container's namespaces",
  `c=$($RUN -d --ipc shareable bb sleep 1000)
  $RUN --rm --network container:$c --pid container:$c --ipc container:$c bb sh -c 'ps -o args | grep -x "sleep 1000"; ls /sys/class/net | wc -l'
  $DOCKER rm -f $c >/dev/null`,
  'sleep 1000\n2',
);
