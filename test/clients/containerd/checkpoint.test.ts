import { test } from 'node:test';
import { needsCriu } from '../../support/criu.ts';
import { containerd } from '../support/containerd.ts';
import { withEngine } from '../support/engine.ts';

// Skipped unless criu works on this machine.
const same = needsCriu ? undefined : withEngine(containerd, 'runc').same;
if (needsCriu) test('containerd: checkpoint', { skip: needsCriu }, () => {});

same?.(
  'task checkpoint: the task goes on; with --exit it ends',
  `$RUN -d --null-io $ROOTFS saved$$ sleep 1000
  $CTR task checkpoint --image-path $DIR/images-1 saved$$; ls $DIR/images-1/inventory.img | wc -l
  $CTR task ls | grep -c "saved$$.*RUNNING"
  $CTR task checkpoint --exit --image-path $DIR/images-2 saved$$
  until $CTR task ls | grep -q "saved$$.*STOPPED"; do sleep .1; done
  $CTR task delete saved$$ 2>/dev/null; $CTR container rm saved$$; rm -r $DIR/images-*; $CTR task ls -q`,
  '1\n1',
);
