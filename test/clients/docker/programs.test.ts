import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

same('a signal is 128 and its number', "$RUN --rm --init bb sh -c 'kill -9 $$'", {
  prints: '',
  status: 137,
});
same(
  'a health check',
  `c=$($RUN -d --health-cmd true --health-interval 100ms bb sleep 1000)
  until [ "$($ENGINE inspect --format {{.State.Health.Status}} $c)" = healthy ]; do sleep .1; done
  $REMOVE $c >/dev/null; echo healthy`,
  'healthy',
);
same(
  'a terminal has the size of the caller’s',
  `script -qec "stty rows 41 cols 101; $RUN --rm -it bb sh -c 'sleep 1; stty size'" /dev/null </dev/null`,
  /41 101$/,
);
same(
  'cp, diff and commit',
  `c=$($RUN -d bb sleep 1000); echo there >$DIR/f; $ENGINE cp $DIR/f $c:/f; $ENGINE exec $c cat /f
  $ENGINE diff $c | grep -x "A /f"; $ENGINE commit $c changed >/dev/null; $RUN --rm changed cat /f
  $REMOVE $c >/dev/null`,
  'there\nA /f\nthere',
);
