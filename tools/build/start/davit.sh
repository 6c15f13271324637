#!/bin/sh
# The package's command. The package holds davit for two architectures: this executes the machine's.
# Hooks inherit the caller's environment: the variables have names that no caller exports.
davit_self=$0
case $davit_self in
  */*) ;;
  *) if [ -e "./$davit_self" ]; then davit_self=./$davit_self; else davit_self=$(command -v -- "$davit_self"); fi ;;
esac
# -p: use the system's programs, not programs on the caller's PATH.
[ -L "$davit_self" ] && davit_self=$(command -p readlink -f -- "$davit_self")
case $(command -p uname -m) in
  x86_64) davit_arch=x64 ;;
  *) davit_arch=arm64 ;;
esac
exec "${davit_self%/*}/davit-$davit_arch" "$@"
