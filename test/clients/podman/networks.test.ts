import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

const { same } = withEngine(podman);

same('no network', '$RUN --rm --network none bb ip -o -4 addr | cut -d" " -f2,7', 'lo 127.0.0.1/8');
same(
  'a bridge',
  '$RUN --rm bb sh -c "ip route | head -1 | cut -d\' \' -f1,2,4,5"',
  'default via dev eth0',
);
same(
  "the host's",
  `inside=$($RUN --rm --network host bb readlink /proc/self/ns/net)
  [ "$inside" = "$(readlink /proc/self/ns/net)" ] && echo same`,
  'same',
);
same(
  'a pod',
  `p=$($POD --network none --hostname podh --infra-command "sleep 1000")
  c=$($RUN -d --pod $p bb sleep 1001)
  $RUN --rm --pod $p bb hostname
  $PODMAN pod ps --format "{{.Status}} {{.NumberOfContainers}}"
  $PODMAN pod stop -t 0 $p >/dev/null; $PODMAN pod rm -f -t 0 $p >/dev/null; $PODMAN ps -aq`,
  'podh\nRunning 2',
);
same(
  'a pod whose PID namespace is shared, with an init container',
  `p=$($POD --share pid,net --network none --infra-command "sleep 1000")
  $PODMAN create --init-ctr always --pod $p -v $DIR/v:/v bb sh -c "echo first >/v/init" >/dev/null
  $PODMAN pod start $p >/dev/null; cat $DIR/v/init
  $RUN --rm --pod $p bb ps -o args | grep -cx "sleep 1000"
  $PODMAN pod rm -f -t 0 $p >/dev/null`,
  'first\n1',
);
