#!/bin/bash
# Runs in the guest, as root, in the host's checkout: test/run.ts on the guest's own disk and Node.
# usage: run-in-guest.sh root|vmuser PLACE…
set -eu
user=$1
shift
davit=/opt/davit/dist
mkdir -p $davit
cp -r dist/davit dist/build-* $davit
ln /usr/bin/node $davit/node
environment=(DAVIT=$davit/davit DAVIT_TEST_PATIENCE=5)
if [ "$user" = root ]; then exec env "${environment[@]}" node test/run.ts "$@"; fi

# As the user's systemd manager starts it: in a cgroup that is delegated to the user.
runtime=/run/user/$(id -u "$user")
settings=()
for one in "${environment[@]}"; do settings+=("--setenv=$one"); done
exec setpriv --reuid "$user" --regid "$user" --init-groups \
  env HOME="/home/$user" USER="$user" XDG_RUNTIME_DIR="$runtime" DBUS_SESSION_BUS_ADDRESS="unix:path=$runtime/bus" \
  systemd-run --user --quiet --pipe --wait --collect --property=Delegate=yes --working-directory="$PWD" \
  "${settings[@]}" node test/run.ts "$@"
