import { docker } from '../support/docker.ts';
import { withEngine } from '../support/engine.ts';

const { same } = withEngine(docker());

same(
  'volumes',
  `mkdir -p $DIR/v; echo text >$DIR/v/file
  $RUN --rm -v $DIR/v:/v -v $DIR/v:/ro:ro -v $DIR/v/file:/deep/er/file bb sh -c 'cat /v/file /ro/file /deep/er/file; touch /v/new; ls /ro; touch /ro/x'`,
  { prints: 'text\ntext\ntext\nfile\nnew', error: /Read-only/, status: 1 },
);
same(
  'a named volume',
  `$RUN --rm -v named:/v bb sh -c "echo kept >/v/file"; $RUN --rm -v named:/v:ro bb cat /v/file
  $ENGINE volume rm named >/dev/null`,
  'kept',
);
for (const [propagation, seen] of [
  ['rprivate', 0],
  ['rslave', 0],
  ['rshared', 1],
] as const) {
  same(
    `${propagation} mounts`,
    `mkdir -p $DIR/p; mount -t tmpfs none $DIR/p; mount --make-rshared $DIR/p; mkdir $DIR/p/sub
    $RUN --rm --cap-add SYS_ADMIN --security-opt apparmor=unconfined -v $DIR/p:/p:${propagation} bb mount -t tmpfs none /p/sub
    grep -c p/sub /proc/self/mountinfo; umount -R $DIR/p`,
    String(seen),
  );
}
same(
  'tmpfs and its options',
  `$RUN --rm --tmpfs /t:size=1m,mode=1777,noexec bb sh -c "grep ' /t ' /proc/self/mountinfo | cut -d' ' -f6; stat -c %a /t; df -k /t | awk 'END { print \\$2 }'"`,
  'rw,nosuid,nodev,noexec,relatime\n1777\n1024',
);
