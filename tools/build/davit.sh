#!/bin/sh
# Starts davit on its own Node. Where the path given is the file itself, nothing but its limits is asked for.
# Its variables have names that no caller exports, as hooks inherit what the caller does.
fail() {
  echo "davit: cannot start: $1" >&2
  exit 1
}

# A name without a slash is a file here (an empty entry of PATH), but for `bash davit`.
davit_self=$0
case $davit_self in
  */*) ;;
  *) if [ -e "./$davit_self" ]; then davit_self=./$davit_self; else davit_self=$(command -v -- "$davit_self"); fi ;;
esac
# -p: the system's readlink, not one of the caller's PATH.
[ -L "$davit_self" ] && davit_self=$(command -p readlink -f -- "$davit_self")
davit_here=${davit_self%/*}
davit_loader=$davit_here/@BUILD@/loader.cjs
davit_node=$davit_here/node
if [ ! -f "$davit_node" ]; then
  for davit_node in "$davit_here"/../node_modules/node-linux-*/bin/node "$davit_here"/../../node-linux-*/bin/node; do
    [ -f "$davit_node" ] && break
  done
fi
[ -f "$davit_node" ] || fail "its Node is missing beside $davit_self: build or install davit again"

# Node waits for ever, or aborts, where it cannot start its two threads: as many processes are tried here.
davit_threads='a process or thread cannot be made: pids.max of its cgroup, or RLIMIT_NPROC (ulimit -u), is reached'
trap 'fail "$davit_threads"' EXIT
{
  davit_limits=$( (:) && ulimit -Sn && ulimit -Hn && ulimit -Sv && ulimit -Sd && ulimit -Ss)
  davit_made=$?
} 2>/dev/null
trap - EXIT
[ "$davit_made" = 0 ] || fail "$davit_threads"

# It crashes below these limits. at_least NAME LETTER MINIMUM UNIT: of the first of $davit_limits, which it takes off.
davit_newline='
'
at_least() {
  davit_limit=${davit_limits%%"$davit_newline"*}
  davit_limits=${davit_limits#*"$davit_newline"}
  [ "$davit_limit" = unlimited ] || [ "$davit_limit" -ge "$3" ] ||
    fail "$1 is $davit_limit$4: it takes at least $3$4 (ulimit -$2)"
}
# Node raises the limit on open files: the container gets the one that davit was called with.
DAVIT_NOFILE=${davit_limits%%"$davit_newline"*}
davit_limits=${davit_limits#*"$davit_newline"}
export DAVIT_NOFILE
at_least RLIMIT_NOFILE Hn 32 ''
at_least RLIMIT_AS v 1500000 ' KiB'
at_least RLIMIT_DATA d 1000000 ' KiB'
at_least RLIMIT_STACK s 256 ' KiB'

# No test -r or -x: both take faccessat2, which a seccomp filter around davit may refuse.
true 2>/dev/null <"$davit_loader" || fail "$davit_loader is missing or cannot be read: build or install davit again"

# What would change Node must not come from the caller: it gets there under another name, for hooks and the
# exporter.
for davit_name in @MOVED@; do
  eval "[ \"\${$davit_name+set}\" ]" || continue
  eval "@PREFIX@$davit_name=\$$davit_name"
  export "@PREFIX@$davit_name"
  unset "$davit_name"
done
exec "$davit_node" @FLAGS@ "$davit_loader" "$@"
