#!/bin/bash
# Runs in the guest, as root, in a directory with davit's package in two versions, old.deb and new.deb.
# Installs, upgrades and removes davit as an administrator does. Prints what each step says of it.
set -eu
export DEBIAN_FRONTEND=noninteractive

bundle=/var/tmp/bundle
mkdir -p $bundle/rootfs
cp /bin/busybox $bundle/rootfs

run() {
  (cd $bundle && davit run "$1" </dev/null)
}

server() {
  echo "server: $(systemctl is-active davit.socket davit.service | paste -sd ' ')"
}

dpkg --install old.deb >/dev/null
davit spec --bundle $bundle
sed -i 's#"terminal": true#"terminal": false#; s#"sh"#"/busybox", "echo", "aboard"#' $bundle/config.json
run cold
systemctl start davit.socket
run warm
server
pid=$(systemctl show --property=MainPID --value davit.service)

dpkg --install new.deb >/dev/null
dpkg-query --show --showformat='version: ${Version}\n' davit
run upgraded
server
[ "$(systemctl show --property=MainPID --value davit.service)" = "$pid" ] && echo 'the same process'

dpkg --remove davit >/dev/null
server
ls /var/lib/davit
dpkg --purge davit >/dev/null
find / -xdev '(' -path /proc -o -path /sys ')' -prune -o -path '*/lib/davit*' -print
hash -r
command -v davit || echo 'no davit'
