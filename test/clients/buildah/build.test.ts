import { buildah } from '../support/buildah.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(buildah);

/**
 * Keeps what a step prints, with its warnings and errors, and drops the names of the steps and of
 * the image.
 */
const BUILT = '2>&1 | grep -vE "^(STEP|COMMIT|-->|Successfully|[0-9a-f]{64}$)"';

same(
  'RUN, without a word of the runtime',
  `chmod 755 $DIR/rootfs; cat >$DIR/Containerfile <<'END'
FROM scratch
COPY rootfs /
RUN echo one > /one && id -u && grep -E 'Cap(Inh|Prm|Amb)' /proc/self/status
ENV A=b
WORKDIR /work
RUN echo two $A > two; pwd; touch /dev/null; ls /dev | wc -l
USER 5:6
RUN id; touch /one 2>/dev/null || echo refused
END
  $BUILD -t img $DIR ${BUILT}
  c=$($ENGINE from localhost/img); $RUN $c cat /one /work/two; $ENGINE rm $c >/dev/null`,
  /^0\nCapInh:\t0+\nCapPrm:\t\w+\nCapAmb:\t0+\n\/work\n\d+\nuid=5 gid=6.*\nrefused\none\ntwo b$/,
);
same(
  'a RUN that fails',
  `printf 'FROM scratch\\nCOPY rootfs /\\nRUN exit 7\\n' >$DIR/Containerfile
  $BUILD $DIR >$DIR/out 2>&1; echo $?; grep -c 'exit status 7' $DIR/out`,
  '7\n1',
);
same(
  'run: input, status, and a program that is not there',
  `c=$($ENGINE from scratch); $ENGINE copy $c $DIR/rootfs / >/dev/null
  echo hi | $RUN $c cat; $RUN $c sh -c 'exit 7' 2>/dev/null; echo $?
  $RUN $c nosuch 2>&1 | grep -o 'executable file not found in $PATH'; $ENGINE rm $c >/dev/null`,
  'hi\n7\nexecutable file not found in $PATH',
);
