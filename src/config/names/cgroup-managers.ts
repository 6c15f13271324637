/** crun's `--cgroup-manager`: what makes a container's cgroup. With `disabled` it has none. */
export const CGROUP_MANAGERS = ['cgroupfs', 'systemd', 'disabled'] as const;

export type CgroupManager = (typeof CGROUP_MANAGERS)[number];
