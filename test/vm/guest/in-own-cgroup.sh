#!/bin/bash
# usage: in-own-cgroup.sh COMMAND…   in a cgroup below the one that is delegated to this process
set -eu
own=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/tests
mkdir "$own"
echo $$ >"$own/cgroup.procs"
exec "$@"
