#!/bin/sh
# Starts davit on its own Node. Finding it forks nothing where the path given is the file itself.
# Its variables have names that no caller exports, as hooks inherit what the caller does.
davit_self=$0
case $davit_self in */*) ;; *) davit_self=$(command -v -- "$davit_self" || echo "./$davit_self") ;; esac
[ -L "$davit_self" ] && davit_self=$(readlink -f -- "$davit_self")
davit_here=${davit_self%/*}
davit_node=$davit_here/node
if [ ! -x "$davit_node" ]; then
  for davit_node in "$davit_here"/../node_modules/node-linux-*/bin/node "$davit_here"/../../node-linux-*/bin/node; do
    [ -x "$davit_node" ] && break
  done
fi
# Node raises the limit on open files: the container gets the one that davit was called with.
DAVIT_NOFILE=$(ulimit -Sn)
export DAVIT_NOFILE
# What would change Node must not come from the caller: it gets there under another name, for hooks and the
# exporter.
for davit_name in @MOVED@; do
  eval "[ \"\${$davit_name+set}\" ]" || continue
  eval "@PREFIX@$davit_name=\$$davit_name"
  export "@PREFIX@$davit_name"
  unset "$davit_name"
done
exec "$davit_node" @FLAGS@ "$davit_here/@BUILD@/loader.cjs" "$@"
