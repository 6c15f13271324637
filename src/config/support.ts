/**
 * Which optional features this davit supports: the one place that says so. {@link features} tells
 * engines, which rely on it. {@link checkHost} refuses a config.json that asks for an unsupported
 * one: silently leaving out a filter or a mapping would be a security hole.
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
