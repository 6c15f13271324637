import { test } from 'node:test';
import { needsCriu } from '../../support/host/criu.ts';
import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

// Where criu does not work, there is nothing to compare.
const same = needsCriu ? undefined : withEngine(podman, 'runc').same;
if (needsCriu) test('podman: checkpoint', { skip: needsCriu }, () => {});

/** A container that counts in its log, and a wait until its log has more than `$1` lines. */
const COUNTER = `
count() { $ENGINE logs $c 2>/dev/null | wc -l; }
beyond() { until [ $(count) -gt $1 ]; do sleep .1; done; }
c=$($RUN -d --network none bb sh -c 'i=0; while :; do i=$((i+1)); echo $i; usleep 100000; done')
beyond 3`;

same?.(
  'checkpoint and restore: the counter goes on',
  `${COUNTER}
  $ENGINE container checkpoint $c >/dev/null; $ENGINE inspect --format "{{.State.Status}}" $c
  before=$(count); $ENGINE container restore $c >/dev/null; beyond $before
  $ENGINE inspect --format "{{.State.Status}}" $c; $ENGINE exec $c echo inside
  $ENGINE logs $c | sort -n | uniq -d | wc -l; $REMOVE $c >/dev/null`,
  'exited\nrunning\ninside\n0',
);
same?.(
  'checkpoint --export, restore --import under another name',
  `${COUNTER}
  $ENGINE container checkpoint --export $DIR/saved.tar.gz $c >/dev/null; $REMOVE $c >/dev/null
  c=$($ENGINE container restore --import $DIR/saved.tar.gz --name other$$); beyond 3
  $ENGINE inspect --format "{{.State.Status}}" other$$; $REMOVE other$$ >/dev/null; rm $DIR/saved.tar.gz`,
  'running',
);
same?.(
  'checkpoint --keep, restore --keep, checkpoint --leave-running',
  `${COUNTER}
  $ENGINE container checkpoint --keep $c >/dev/null
  $ENGINE container restore --keep $c >/dev/null; beyond $(count)
  $ENGINE container checkpoint --leave-running $c >/dev/null
  $ENGINE inspect --format "{{.State.Status}}" $c; beyond $(count); $REMOVE $c >/dev/null`,
  'running',
);
