#!/bin/sh
# Starts davit on its own Node. Finding it forks nothing where the path given is the file itself.
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
# Node raises the limit on open files: the container gets the one that davit was called with.
DAVIT_NOFILE=$(ulimit -Sn)
export DAVIT_NOFILE
# What would change Node must not come from the caller.
unset @UNSET@
exec "$node" @FLAGS@ "$here/@BUILD@/loader.cjs" "$@"
