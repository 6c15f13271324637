import { test } from 'node:test';
import { needsCriu } from '../../support/host/criu.ts';
import { containerd, containerdShim } from '../support/containerd.ts';
import { withEngine } from '../support/engine.ts';

if (needsCriu) test('containerd: checkpoint', { skip: needsCriu }, () => {});

/**
 * Gives containerd the image `bb` from the root file system: `ctr container checkpoint` knows no
 * other container.
 */
const IMAGE = `
if ! $CTR image ls -q | grep -q bb; then
  mkdir -p $DIR/image; tar -C $DIR/rootfs -cf $DIR/image/layer.tar .
  digest=$(sha256sum <$DIR/image/layer.tar | cut -c 1-64)
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \\
    $digest >$DIR/image/config.json
  echo '[{"Config":"config.json","RepoTags":["test/bb:1"],"Layers":["layer.tar"]}]' >$DIR/image/manifest.json
  tar -C $DIR/image -c . | $CTR image import - >/dev/null
fi
bb=$($CTR image ls -q | grep bb)`;

/** The count of the task `$1`; waits until the task has stopped; removes the task. */
const FUNCTIONS = `
count() { $CTR task exec --exec-id e$(date +%N) $1 cat /count 2>/dev/null || echo 0; }
stopped() { until $CTR task ls | grep -q "^$1 .*STOPPED"; do sleep .1; done; }
remove() { $CTR task rm -f $1 2>/dev/null; $CTR container rm $1; }`;

/** Counts in memory, and writes the count to a file and to its stdout. */
const COUNT =
  'i=0; while :; do i=$((i+1)); echo $i; echo $i >/new; mv /new /count; usleep 100000; done';

// Where criu does not work, there is nothing to compare.
const withRuntime = needsCriu ? undefined : withEngine(containerd, 'runc').same;
const withShim = needsCriu ? undefined : withEngine(containerdShim, 'runc').same;

// ctr gives the options to runc's shim alone.
withRuntime?.(
  'task checkpoint: the task goes on; with --exit it ends',
  `$RUN -d --null-io $ROOTFS saved sleep 1000
  $CTR task checkpoint --image-path $DIR/images-1 saved; ls $DIR/images-1/inventory.img | wc -l
  $CTR task ls | grep -c "saved.*RUNNING"
  $CTR task checkpoint --exit --image-path $DIR/images-2 saved
  until $CTR task ls | grep -q "saved.*STOPPED"; do sleep .1; done
  $CTR task delete saved 2>/dev/null; $CTR container rm saved; rm -r $DIR/images-*; $CTR task ls -q`,
  '1\n1',
);

for (const same of [withRuntime, withShim]) {
  same?.(
    'container checkpoint --task, restore --live: FIFOs as stdio, the counter goes on',
    `${IMAGE}${FUNCTIONS}
    $RUN -d $bb from sh -c '${COUNT}' >/dev/null; until [ $(count from) -gt 20 ]; do sleep .1; done
    $CTR container checkpoint --task --rw from saved; $CTR task ls | grep -c "from .*RUNNING"
    $CTR task kill -s KILL from; stopped from; remove from
    $CTR container restore --live --rw to saved </dev/null >/dev/null
    first=$(count to); [ $first -gt 20 ] && echo above; until [ $(count to) -gt $first ]; do sleep .1; done
    $CTR task kill -s KILL to; stopped to; remove to; $CTR image rm saved >/dev/null; $CTR task ls -q`,
    '1\nabove',
  );
}
