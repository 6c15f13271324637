import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

const { same } = withEngine(podman);

const STATUS = '$PODMAN inspect --format "{{.State.Status}}" $c';

same(
  'kill',
  'c=$($RUN -d bb sleep 1000); $PODMAN kill $c >/dev/null; $PODMAN wait $c; $PODMAN rm $c >/dev/null',
  '137',
);
same(
  'stop, start again, restart',
  `c=$($RUN -d bb sleep 1000)
  $PODMAN stop -t 1 $c >/dev/null 2>&1; $PODMAN inspect --format "{{.State.ExitCode}}" $c
  $PODMAN start $c >/dev/null && $PODMAN exec $c echo started
  $PODMAN restart -t 0 $c >/dev/null && $PODMAN exec $c echo restarted
  $PODMAN rm -f -t 0 $c >/dev/null`,
  '137\nstarted\nrestarted',
);
same(
  'pause and unpause',
  `c=$($RUN -d bb sleep 1000)
  $PODMAN pause $c >/dev/null; ${STATUS}; $PODMAN unpause $c >/dev/null; ${STATUS}
  $PODMAN pause $c >/dev/null; $PODMAN rm -f -t 0 $c >/dev/null; echo $?`,
  'paused\nrunning\n0',
);
same(
  'a restart policy',
  `c=$($RUN -d --restart on-failure:2 bb sh -c "echo ran; exit 1")
  until [ "$($PODMAN inspect --format "{{.RestartCount}}{{.State.Status}}" $c)" = 2exited ]; do sleep .1; done
  $PODMAN logs $c; $PODMAN rm -f -t 0 $c >/dev/null`,
  'ran\nran\nran',
);
same(
  'top and stats',
  `c=$($RUN -d bb sleep 1000); $PODMAN top $c args | tail -1
  $PODMAN stats --no-stream --format "{{.PIDs}}" $c; $PODMAN rm -f -t 0 $c >/dev/null`,
  /^sleep 1000\s*\n1$/,
);
same(
  'hooks of a hooks directory',
  `mkdir -p $DIR/hooks
  for kind in prestart createRuntime createContainer poststart poststop; do
    printf '{"version":"1.0.0","hook":{"path":"/bin/sh","args":["sh","-c","cat >/dev/null; echo %s >>%s"]},"when":{"always":true},"stages":["%s"]}' $kind $DIR/ran $kind >$DIR/hooks/$kind.json
  done
  rm -f $DIR/ran; $PODMAN --hooks-dir $DIR/hooks \${RUN#$PODMAN} --rm bb true
  until grep -q poststop $DIR/ran; do sleep .1; done; cat $DIR/ran`,
  'prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop',
);
same(
  'ten at once',
  `for i in $(seq 10); do $RUN --rm --network none bb echo $i & done | sort -n | tr '\\n' ' '; $PODMAN ps -aq`,
  '1 2 3 4 5 6 7 8 9 10',
);
