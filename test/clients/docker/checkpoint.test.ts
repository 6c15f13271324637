import { test } from 'node:test';
import { needsCriu } from '../../support/host/criu.ts';
import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

// Where criu does not work, there is nothing to compare.
const same = needsCriu ? undefined : withEngine(docker('--experimental')).same;
if (needsCriu) test('docker: checkpoint', { skip: needsCriu }, () => {});

same?.(
  'checkpoint create, start --checkpoint: the counter goes on',
  `count() { $ENGINE logs $c 2>/dev/null | wc -l; }
  beyond() { until [ $(count) -gt $1 ]; do sleep .1; done; }
  c=$($RUN -d --network none bb sh -c 'i=0; while :; do i=$((i+1)); echo $i; usleep 100000; done')
  beyond 3
  $ENGINE checkpoint create $c one; $ENGINE inspect --format "{{.State.Status}}" $c
  before=$(count); $ENGINE start --checkpoint one $c; beyond $before
  $ENGINE inspect --format "{{.State.Status}}" $c; $ENGINE exec $c echo inside
  $ENGINE logs $c | sort -n | uniq -d | wc -l; $REMOVE $c >/dev/null`,
  'one\nexited\nrunning\ninside\n0',
);
