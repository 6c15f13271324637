#!/bin/sh
# Starts davit on its own Node. Nothing here forks where the path given is the file itself.
self=$0
case $self in */*) ;; *) self=$(command -v -- "$self" || echo "./$self") ;; esac
[ -L "$self" ] && self=$(readlink -f -- "$self")
here=${self%/*}
node=$here/node
if [ ! -x "$node" ]; then
  for node in "$here"/../node_modules/node-linux-*/bin/node "$here"/../../node-linux-*/bin/node; do
    [ -x "$node" ] && break
  done
fi
# What would change Node must not come from the caller.
unset @UNSET@
exec "$node" @FLAGS@ "$here/@BUILD@/loader.cjs" "$@"
