/** Who makes a container's cgroup: crun's `--cgroup-manager`. `disabled` is nobody: it has none. */
export const CGROUP_MANAGERS = ['cgroupfs', 'systemd', 'disabled'] as const;

export type CgroupManager = (typeof CGROUP_MANAGERS)[number];
