#!/bin/bash
# usage: in-own-cgroup.sh COMMAND…   runs COMMAND in a new cgroup below the one delegated to this
# process
set -eu
own=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/tests
mkdir "$own"
echo $$ >"$own/cgroup.procs"
exec "$@"
