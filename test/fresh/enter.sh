#!/bin/sh
# enter.sh LOWER SCRATCH COMMAND…: runs a command in a root file system that consists of LOWER and
# of what earlier commands have written to SCRATCH. The caller makes new mount and pid namespaces,
# so that the mounts and processes end with the command.
set -eu
lower=$1 scratch=$2
shift 2
mkdir -p "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay -o "lowerdir=$lower,upperdir=$scratch/upper,workdir=$scratch/work" overlay "$scratch/root"
cd "$scratch/root"
mount --rbind /sys sys
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
# Not chroot: the kernel makes no user namespace for a process in a chroot.
pivot_root . .
umount -l .
exec env -i "$@"
