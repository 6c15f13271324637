import { cgroupFiles } from '../support/cgroup-files.ts';
import { withEngine } from '../support/engine.ts';
import { podman } from '../support/podman.ts';

const { same } = withEngine(podman);
const { memory, quota, pids } = cgroupFiles;

same(
  'memory, CPU and processes',
  `$RUN --rm -m 64m --memory-swap 64m --cpus 0.5 --pids-limit 50 bb cat ${memory} ${quota} ${pids}`,
  /^67108864\n50000(?: 100000)?\n50$/,
);
same(
  'volumes',
  `mkdir -p $DIR/v; echo text >$DIR/v/file
  $RUN --rm -v $DIR/v:/v -v $DIR/v:/ro:ro bb sh -c 'cat /v/file /ro/file; touch /ro/x'`,
  { prints: 'text\ntext', error: /Read-only/, status: 1 },
);
same(
  'shared mounts',
  `mkdir -p $DIR/p; mount -t tmpfs none $DIR/p; mount --make-rshared $DIR/p; mkdir $DIR/p/sub
  $RUN --rm --cap-add SYS_ADMIN -v $DIR/p:/p:rshared bb mount -t tmpfs none /p/sub
  grep -c p/sub /proc/self/mountinfo; umount -R $DIR/p`,
  '1',
);
same(
  'a user namespace',
  `c=$($RUN -d --network none --uidmap 0:100000:65536 bb sleep 1000)
  $ENGINE exec $c sh -c 'cat /proc/self/uid_map; touch /new; stat -c %u /new'
  script -qec "$ENGINE exec -t $c tty" /dev/null
  remove() { $REMOVE $c >/dev/null; }
  remove 2>/dev/null || remove # Podman is at times before the kernel with its own mounts.`,
  /^\s+0\s+100000\s+65536\n0\n\/dev\/pts\/0$/,
);
