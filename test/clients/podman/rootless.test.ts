import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withEngine } from '../support/engine.ts';
import { rootlessPodman } from '../support/rootless-podman.ts';

const { same, run, skip } = withEngine(rootlessPodman);

const MAP = /^\s+0\s+1\s+1\n\s+1\s+100000\s+65536$/;

same('ids are mapped', '$RUN --rm bb cat /proc/self/uid_map', MAP);
same('run returns the status', '$RUN --rm bb sh -c "exit 7"', { prints: '', status: 7 });
same('a terminal', 'script -qec "$RUN --rm -t bb tty" /dev/null', /\/dev\/pts\/0$/);
same('a user', "$RUN --rm -u 1000:2000 bb sh -c 'id -u; id -g'", '1000\n2000');
same("the caller's own id", '$RUN --rm --userns keep-id bb id -u', '1');
same(
  '--read-only and volumes',
  '$RUN --rm --read-only -v $DIR/rootfs:/v:ro bb sh -c "ls -d /v/bin; touch /x"',
  { prints: '/v/bin', error: /Read-only/, status: 1 },
);
same(
  '--privileged',
  '$RUN --rm --privileged bb sh -c "mount -t tmpfs none /mnt && echo mounted; grep CapEff /proc/self/status"',
  /^mounted\nCapEff:\t000001ffffffffff$/,
);
same(
  'exec, stop, rm',
  `c=$($RUN -d bb sleep 1000)
  $ENGINE exec $c id -u; script -qec "$ENGINE exec -t $c tty" /dev/null
  $ENGINE stop -t 0 $c >/dev/null 2>&1
  $ENGINE inspect --format "{{.State.Status}} {{.State.ExitCode}}" $c; $ENGINE rm $c >/dev/null`,
  /^0\n\/dev\/pts\/0\nexited 137$/,
);

test('--group-add keep-groups: the container reads files of a caller’s group', { skip }, () => {
  const { stdout, stderr } = run(
    `mkdir -m 750 $DIR/team; echo shared >$DIR/team/file; chgrp -R 7 $DIR/team
    run=$(echo "$RUN" | sed 's/--clear-groups/--groups 7/')
    $run --rm -v $DIR/team:/team --group-add keep-groups bb cat /team/file
    $run --rm -v $DIR/team:/team bb cat /team/file || echo refused`,
  );
  assert.equal(stdout, 'shared\nrefused\n', stderr);
  assert.match(stderr, /Permission denied/);
});

test('--cgroups=disabled', { skip }, () => {
  const { stdout, stderr } = run('$RUN --rm --cgroups disabled bb echo ran');
  assert.equal(stdout, 'ran\n', stderr);
});
