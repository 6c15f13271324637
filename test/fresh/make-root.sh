#!/bin/sh
# make-root.sh DIRECTORY [MIRROR]: the root of a new Debian 12 machine with nothing but Debian's nodejs and npm, which
# reaches its packages as this machine does.
set -eu
root=$1
shift
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$@"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
apt-config dump Acquire::http Acquire::https Acquire::Check-Valid-Until Acquire::Check-Date \
  | grep -v '""' > "$root/etc/apt/apt.conf.d/90as-the-host" || true
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
export DEBIAN_FRONTEND=noninteractive
chroot "$root" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends nodejs npm && apt-get clean'
