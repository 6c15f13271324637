# Prints what a program in the container sees of its surroundings. Uses only the shell and sed.
show() { printf '  %-14s%s\n' "$1" "$2"; }

# The names in capabilities(7), from bit 0 on.
CAPABILITIES='chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap
  linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module
  sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time
  sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog
  wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'

capabilities() {
  bits=$((0x$(sed -n 's/^CapEff:[^0-9a-f]*//p' /proc/self/status)))
  for name in $CAPABILITIES; do
    [ $((bits & 1)) = 0 ] || printf '%s ' "$name"
    bits=$((bits >> 1))
  done
}

cd /proc || exit
set -- [0-9]*
read -r _ outside _ </proc/self/uid_map

show 'pid' "$$; all processes here: $*"
show 'hostname' "$(uname -n)"
show 'user' "$(id -un) (uid $(id -u)), who is uid $outside on the host"
show 'capabilities' "$(capabilities)"
show 'network' "$(sed -n 's/^ *\([^ :]*\):.*/\1/p' /proc/net/dev | tr '\n' ' ')"
show 'files' "$(cd / && echo *)"
if touch /new 2>/dev/null; then show 'root' 'writable'; else show 'root' 'read-only'; fi
