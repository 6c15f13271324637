import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

const { same } = withEngine(podman);

same(
  'top and stats',
  `c=$($RUN -d bb sleep 1000); $ENGINE top $c args | tail -1
  $ENGINE stats --no-stream --format "{{.PIDs}}" $c; $REMOVE $c >/dev/null`,
  /^sleep 1000\s*\n1$/,
);
same(
  'hooks of a hooks directory',
  `mkdir -p $DIR/hooks
  for kind in prestart createRuntime createContainer poststart poststop; do
    printf '{"version":"1.0.0","hook":{"path":"/bin/sh","args":["sh","-c","cat >/dev/null; echo %s >>%s"]},"when":{"always":true},"stages":["%s"]}' $kind $DIR/ran $kind >$DIR/hooks/$kind.json
  done
  rm -f $DIR/ran; $ENGINE --hooks-dir $DIR/hooks \${RUN#$ENGINE} --rm bb true
  until grep -q poststop $DIR/ran; do sleep .1; done; cat $DIR/ran`,
  'prestart\ncreateRuntime\ncreateContainer\npoststart\npoststop',
);
same(
  'ten at once',
  `for i in $(seq 10); do $RUN --rm --network none bb echo $i & done | sort -n | tr '\\n' ' '; $ENGINE ps -aq`,
  '1 2 3 4 5 6 7 8 9 10',
);
