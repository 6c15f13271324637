#!/bin/sh
# enter.sh LOWER SCRATCH COMMAND…: runs a command as on a machine of its own, whose disk is LOWER and what earlier
# commands have written to SCRATCH. Called in new mount and pid namespaces, so that its mounts and processes end with it.
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
# A chroot would not do: the kernel makes no user namespace for a process in one.
pivot_root . .
umount -l .
exec env -i "$@"
