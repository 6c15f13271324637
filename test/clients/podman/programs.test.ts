import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

const { same } = withEngine(podman);

same(
  'init, then start',
  `c=$($ENGINE create --network none bb echo started); $ENGINE init $c >/dev/null
  $ENGINE inspect --format "{{.State.Status}}" $c; $ENGINE start -a $c; $ENGINE rm $c >/dev/null`,
  'initialized\nstarted',
);
same(
  'a health check',
  `c=$($RUN -d --health-cmd true --health-interval disable bb sleep 1000)
  $ENGINE healthcheck run $c; echo $?; $REMOVE $c >/dev/null`,
  '0',
);
same(
  '--preserve-fds',
  `echo text >$DIR/fd; $RUN --rm --network none --preserve-fds 1 bb cat /proc/self/fd/3 3<$DIR/fd
  c=$($RUN -d --network none bb sleep 1000)
  $ENGINE exec --preserve-fds 1 $c cat /proc/self/fd/3 3<$DIR/fd; $REMOVE $c >/dev/null`,
  'text\ntext',
);
same(
  'attached, with input',
  `c=$($RUN -d -i --network none bb sh -c 'read x; echo got $x; sleep .5; exit 3')
  (echo typed; sleep 1) | timeout 10 $ENGINE attach $c; $ENGINE wait $c; $ENGINE rm $c >/dev/null`,
  /^got typed\s+3$/,
);
same(
  'a volume as an overlay',
  `echo lower >$DIR/v/f; $RUN --rm --network none -v $DIR/v:/o:O bb sh -c 'echo up >/o/f; cat /o/f'; cat $DIR/v/f`,
  'up\nlower',
);
same(
  'a program that cannot be executed has run and failed',
  `printf '#!/no/such\\n' >$DIR/v/x; chmod +x $DIR/v/x; c=$($RUN -d --network none -v $DIR/v:/v bb /v/x)
  $ENGINE wait $c; $ENGINE logs $c 2>&1 | head -n1; $ENGINE rm $c >/dev/null
  c=$($RUN -d --network none -v $DIR/v:/v bb sleep 1000); $ENGINE exec $c /v/x 2>/dev/null; echo $?
  $ENGINE exec $c /etc 2>/dev/null; echo $?; $REMOVE $c >/dev/null`,
  '1\nexec /v/x: no such file or directory\n1\n126',
);
