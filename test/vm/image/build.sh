#!/bin/bash
# Builds the test VM's kernel, initrd and disk image from Debian's packages, of the sources that this
# machine's own apt has. Nothing is installed here: packages are downloaded and unpacked.
# usage: build.sh DIRECTORY DOWNLOADS NODE
#   DIRECTORY  gets vmlinux, initrd, rootfs.img and, where the machine has no QEMU, tools/
#   DOWNLOADS  keeps packages from one build to the next
#   NODE       the guest's node
# Exits with 75 (EX_TEMPFAIL of sysexits.h) when packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
into=$1 downloads=$2 node=$3
root=$into/root
tools=$into/tools
PATH=$tools/usr/bin:$tools/usr/sbin:$tools/bin:$PATH

TOOLS='qemu-system-x86 qemu-utils mmdebstrap cpio'
GUEST='systemd systemd-sysv dbus dbus-user-session libpam-systemd udev kmod busybox-static runc crun uidmap
  iproute2 iptables procps util-linux libseccomp2 libstdc++6 libatomic1 e2fsprogs strace slirp4netns fuse-overlayfs
  apparmor selinux-policy-default keyutils criu'

# Units that a guest without hardware, network or a second boot has no use for.
MASKED='getty@tty1.service serial-getty@ttyS0.service getty.target apt-daily.timer apt-daily-upgrade.timer
  e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer systemd-pstore.service
  systemd-timesyncd.service systemd-networkd.service systemd-networkd-wait-online.service
  systemd-binfmt.service apparmor.service dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount
  ldconfig.service systemd-update-utmp.service systemd-update-utmp-runlevel.service'
# Modules for hardware.
DRIVERS='sound drivers/gpu drivers/media drivers/infiniband drivers/net/wireless drivers/net/ethernet
  drivers/staging drivers/ata drivers/crypto drivers/iio drivers/usb drivers/hwmon drivers/isdn fs/xfs'

no_packages() {
  echo "the VM's packages cannot be downloaded" >&2
  exit 75
}

# The tools that are installed already are not downloaded, and found on PATH.
unpack_tools() {
  mkdir -p "$downloads/tools/partial" "$tools"
  # shellcheck disable=SC2086
  apt-get install -qq -y --no-install-recommends --download-only \
    -o APT::Sandbox::User=root -o Dir::Cache::archives="$downloads/tools" $TOOLS >/dev/null || no_packages
  for package in "$downloads"/tools/*.deb; do
    if [ -e "$package" ]; then dpkg -x "$package" "$tools"; fi
  done
}

unpack_kernel() {
  local package
  package=$(apt-cache depends linux-image-amd64 | awk '/Depends:/ { print $2; exit }')
  mkdir -p "$downloads/kernel"
  (cd "$downloads/kernel" && apt-get download -qq -o APT::Sandbox::User=root "$package") || no_packages
  dpkg -x "$(ls -t "$downloads/kernel/${package}"_*.deb | head -n 1)" "$into/kernel"
  kernel=$(basename "$into"/kernel/lib/modules/*)
}

make_rootfs() {
  local sources
  sources=$(grep -ls debian-archive-keyring /etc/apt/sources.list.d/*.sources | head -n 1) || sources=/etc/apt/sources.list
  mmdebstrap --quiet --mode=root --variant=minbase --include="$(echo $GUEST | tr ' ' ,)" \
    --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" "$sources" || no_packages
}

# QEMU starts an ELF kernel by its PVH entry: nothing is decompressed under emulation.
extract_vmlinux() {
  perl -e 'open F, "<:raw", $ARGV[0]; local $/; $d = <F>; $at = index $d, "\xfd7zXZ\0"; die if $at < 0;
    $SIG{PIPE} = "IGNORE"; open O, "|-", "xz -dc --single-stream 2>/dev/null >$ARGV[1]"; binmode O;
    print O substr $d, $at' "$into/kernel/boot/vmlinuz-$kernel" "$into/vmlinux" || true
  [ "$(head -c 4 "$into/vmlinux" | tail -c 3)" = ELF ]
}

install_modules() {
  local excluded=() driver
  for driver in $DRIVERS; do excluded+=("--exclude=$kernel/kernel/$driver"); done
  mkdir -p "$root/usr/lib/modules"
  tar cf - -C "$into/kernel/lib/modules" "${excluded[@]}" "$kernel" | tar xf - -C "$root/usr/lib/modules"
  chroot "$root" depmod "$kernel"
}

configure_guest() {
  local units=$root/etc/systemd/system unit
  cp -r "$here/rootfs/." "$root"
  echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"
  echo vmguest >"$root/etc/hostname"
  echo '127.0.0.1 localhost vmguest' >"$root/etc/hosts"
  : >"$root/etc/fstab"
  for unit in $MASKED; do ln -s /dev/null "$units/$unit"; done
  mkdir -p "$units/multi-user.target.wants" "$root/var/lib/systemd/linger"
  ln -s ../vm-run.service "$units/multi-user.target.wants/"
  chroot "$root" useradd -m -u 1000 -s /bin/bash vmuser
  # His systemd manager runs from boot on.
  touch "$root/var/lib/systemd/linger/vmuser"
  cp "$node" "$root/usr/bin/node"
}

# For a kernel that is told security=selinux: a policy that refuses nothing, and labels on every file.
label_files() {
  sed -i 's/^SELINUX=.*/SELINUX=permissive/' "$root/etc/selinux/config"
  # It goes by /proc/self/fd.
  unshare --mount sh -c 'mount --bind /proc "$1/proc" && exec chroot "$1" setfiles -F -e /proc \
    /etc/selinux/default/contexts/files/file_contexts /' - "$root"
}

# In Debian's kernel virtio-blk and ext4 are modules.
make_initrd() {
  local initrd=$into/initrd.d number=10 module
  mkdir -p "$initrd"/{bin,proc,dev,newroot,modules}
  cp "$root/bin/busybox" "$initrd/bin/"
  ln -s busybox "$initrd/bin/sh"
  cp "$here/initrd/init" "$initrd/init"
  for module in $(for name in virtio_pci virtio_blk ext4; do
    chroot "$root" modprobe -S "$kernel" --show-depends "$name" | awk '/insmod/ { print $2 }'
  done | awk '!seen[$0]++'); do
    number=$((number + 1))
    cp "$root$module" "$initrd/modules/$number-$(basename "$module")"
  done
  (cd "$initrd" && find . | cpio --quiet -o -H newc) >"$into/initrd"
}

make_disk() {
  mke2fs -q -t ext4 -d "$root" -L root -m 0 -E lazy_itable_init=0,lazy_journal_init=0 "$into/rootfs.img" 2G
}

unpack_tools
unpack_kernel
make_rootfs
extract_vmlinux
install_modules
configure_guest
label_files
make_initrd
make_disk
rm -rf "$root" "$into/kernel" "$into/initrd.d"
