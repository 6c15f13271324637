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
same(
  'a program that cannot be executed has run and failed',
  `printf '#!/no/such\\n' >$DIR/x; chmod +x $DIR/x; c=$($RUN -d -v $DIR/x:/x bb /x); $ENGINE wait $c
  $ENGINE inspect --format "{{.State.Status}} {{.State.ExitCode}}" $c
  $ENGINE logs $c 2>&1 | head -n1; $ENGINE rm $c >/dev/null
  c=$($RUN -d -v $DIR/x:/x bb sleep 1000); $ENGINE exec $c /x 2>&1 | head -n1; $REMOVE $c >/dev/null`,
  '1\nexited 1\nexec /x: no such file or directory\nexec /x: no such file or directory',
);
same('a directory as the program', '$RUN --rm bb /etc', {
  prints: '',
  error: /permission denied/,
  status: 126,
});
