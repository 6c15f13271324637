#!/bin/bash
# Runs in the guest, on a disk that survives a reboot. Saves a counter, or restores it.
# usage: save-and-restore.sh save|restore
set -eu
place=/var/lib/saved
davit="$place/dist/davit --root $place/root"
cd "$(dirname "$0")/../../.."

install() {
  local name
  mkdir -p $place/dist $place/bundle/rootfs/{bin,dev,proc,sys,tmp}
  cp -r dist/davit dist/build-* $place/dist
  ln /usr/bin/node $place/dist/node
  cp /bin/busybox $place/bundle/rootfs/bin
  for name in sh echo mv usleep; do ln -s busybox $place/bundle/rootfs/bin/$name; done
  cat >$place/bundle/rootfs/bin/count <<'END'
#!/bin/sh
i=0
while :; do i=$((i+1)); echo $i >/new; mv /new /count; usleep 100000; done
END
  chmod +x $place/bundle/rootfs/bin/count
  (cd $place/bundle && $davit spec)
  sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"count"/; s/"readonly": true/"readonly": false/' \
    $place/bundle/config.json
}

count() { cat $place/bundle/rootfs/count 2>/dev/null || echo 0; }
above() { until [ "$(count)" -gt "$1" ]; do sleep .1; done; }

case $1 in
  save)
    install
    $davit run --detach --bundle $place/bundle saved </dev/null >/dev/null 2>&1
    above 3
    $davit checkpoint --image-path $place/images saved
    sync
    echo saved
    ;;
  restore)
    saved=$(count)
    $davit restore --detach --image-path $place/images --bundle $place/bundle restored </dev/null >/dev/null 2>&1
    above "$saved"
    [ "$(count)" -lt $((saved + 10000)) ]
    $davit delete --force restored
    echo restored
    ;;
esac
