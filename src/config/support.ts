/**
 * What davit does of what not every runtime does: the one place that says so. {@link features}
 * tells engines, who take it at its word, and {@link checkHost} refuses a config.json that asks for
 * the rest: a filter or a mapping left out in silence would be a hole.
 */
export const SUPPORT = {
  systemd: true,
  systemdUser: true,
  rdma: true,
  seccomp: true,
  apparmor: true,
  selinux: true,
  intelRdt: true,
  memoryPolicy: true,
  idmap: true,
  netDevices: true,
};

export type Support = typeof SUPPORT;
