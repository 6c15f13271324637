#!/bin/bash
# Runs in the guest, on a disk that survives a power cut. Prints a line for each leftover of the
# power cut that davit cannot handle, then "recovered". Then makes and deletes containers until the
# next power cut.
# usage: churn.sh [recover]      "recover" ends there, with status 1 where a line was said
set -u
place=/var/lib/churn
davit=$place/dist/davit
root=$place/root
export DAVIT_TRACE_DIR=$place/traces
said=0

say() {
  echo "$*"
  said=1
}

install() {
  mkdir -p $place/dist $root $place/bundle/rootfs/{bin,dev,proc,sys}
  cp -r dist/davit dist/build-* $place/dist
  ln /usr/bin/node $place/dist/node
  cp /bin/busybox $place/bundle/rootfs/bin
  ln -s busybox $place/bundle/rootfs/bin/sleep
  (cd $place/bundle && $davit spec)
  sed -i 's/"terminal": true/"terminal": false/; s/"sh"/"sleep", "1000"/' $place/bundle/config.json
  sync
}

recover() {
  local id said_of
  $davit --root $root list >/dev/null || say "list: exit status $?"
  for id in $(ls -A $root 2>/dev/null); do
    said_of=$($davit --root $root state "$id" 2>&1 >/dev/null)
    case $said_of in '' | *'container does not exist'*) ;; *) say "state $id: $said_of" ;; esac
    said_of=$($davit --root $root delete --force "$id" 2>&1) || say "delete $id: $said_of"
  done
  [ -z "$(ls -A $root 2>/dev/null)" ] || say "left: $(ls -AR $root)"
}

# Some containers are left running, some only created, most deleted.
churn() {
  local worker=$1 turn id
  for ((turn = 0; ; turn++)); do
    id=c$worker-$((turn % 7))
    $davit --root $root create --bundle $place/bundle $id </dev/null >/dev/null 2>&1
    [ $((turn % 3)) -eq 0 ] || $davit --root $root start $id
    [ $((turn % 4)) -eq 0 ] || $davit --root $root delete --force $id
    echo "turn $id"
  done
}

[ -e $davit ] || install
recover
echo recovered
if [ "${1-}" = recover ]; then exit $said; fi
churn 1 &
churn 2 &
wait
