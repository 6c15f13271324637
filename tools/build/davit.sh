#!/bin/sh
# The command of the package, which holds davit for two architectures: executes the machine's own.
# Its variables have names that no caller exports, as hooks inherit what the caller does.
davit_self=$0
case $davit_self in
  */*) ;;
  *) if [ -e "./$davit_self" ]; then davit_self=./$davit_self; else davit_self=$(command -v -- "$davit_self"); fi ;;
esac
# -p: the system's programs, not those of the caller's PATH.
[ -L "$davit_self" ] && davit_self=$(command -p readlink -f -- "$davit_self")
case $(command -p uname -m) in
  x86_64) davit_arch=x64 ;;
  *) davit_arch=arm64 ;;
esac
exec "${davit_self%/*}/davit-$davit_arch" "$@"
