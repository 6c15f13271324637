#!/bin/bash
# Runs in the guest, as root, in the host's checkout: test/run.ts on the guest's own disk and Node.
# usage: run-tests.sh root|vmuser PLACE…
set -eu
user=$1
shift
davit=/opt/davit/dist
mkdir -p $davit
cp -r dist/davit dist/index.js dist/build-* $davit
ln /usr/bin/node $davit/node

# A cgroup with all controllers that systemd leaves alone. The tests run in a cgroup below it, so
# that the containers' cgroups are beside the tests' own.
service=(systemd-run --quiet --pipe --wait --collect --property=Delegate=yes --working-directory="$PWD"
  --setenv=DAVIT=$davit/davit --setenv=DAVIT_TEST_PATIENCE=50 --setenv=DAVIT_TEST_OFFLINE=1)
tests=(test/vm/guest/in-own-cgroup.sh node test/run.ts "$@")

if [ "$user" = root ]; then exec "${service[@]}" "${tests[@]}"; fi
runtime=/run/user/$(id -u "$user")
exec setpriv --reuid "$user" --regid "$user" --init-groups \
  env HOME="/home/$user" USER="$user" XDG_RUNTIME_DIR="$runtime" DBUS_SESSION_BUS_ADDRESS="unix:path=$runtime/bus" \
  "${service[@]}" --user "${tests[@]}"
