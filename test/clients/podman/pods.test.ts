import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

const { same } = withEngine(podman);

same(
  'a pod',
  `p=$($POD --network none --hostname podh --infra-command "sleep 1000")
  c=$($RUN -d --pod $p bb sleep 1001)
  $RUN --rm --pod $p bb hostname
  $ENGINE pod ps --format "{{.Status}} {{.NumberOfContainers}}"
  $ENGINE pod stop -t 0 $p >/dev/null; $ENGINE pod rm -f -t 0 $p >/dev/null; $ENGINE ps -aq`,
  'podh\nRunning 2',
);
same(
  'a pod whose PID namespace is shared, with an init container',
  `p=$($POD --share pid,net --network none --infra-command "sleep 1000")
  $ENGINE create --init-ctr always --pod $p -v $DIR/v:/v bb sh -c "echo first >/v/init" >/dev/null
  $ENGINE pod start $p >/dev/null; cat $DIR/v/init
  $RUN --rm --pod $p bb ps -o args | grep -cx "sleep 1000"
  $ENGINE pod rm -f -t 0 $p >/dev/null`,
  'first\n1',
);
