import type { Spec } from './types.ts';

/*
 * The annotations of crun(1), "Extensions to OCI", that Podman, Buildah and their users set. davit
 * ignores all others.
 */

/** The beginning of crun's annotations. */
export const CRUN_ANNOTATION_PREFIX = 'run.oci.';

export const KEEP_ORIGINAL_GROUPS = 'run.oci.keep_original_groups';
export const MOUNT_CONTEXT_TYPE = 'run.oci.mount_context_type';
export const HOOKS_STDOUT = 'run.oci.hooks.stdout';
export const HOOKS_STDERR = 'run.oci.hooks.stderr';
export const PIDFD_RECEIVER = 'run.oci.pidfd_receiver';
export const SECCOMP_RECEIVER = 'run.oci.seccomp.receiver';
export const SECCOMP_FAIL_UNKNOWN_SYSCALL = 'run.oci.seccomp_fail_unknown_syscall';
export const DELEGATE_CGROUP = 'run.oci.delegate-cgroup';

/** Annotations that davit ignores with a warning, and the reason in the warning. */
export const IGNORED_CRUN_ANNOTATIONS: Readonly<Record<string, string>> = {
  'run.oci.seccomp.plugins': 'linux.seccomp.listenerPath names an agent',
  'run.oci.systemd.force_cgroup_v1': 'the container has the cgroup version of the host',
  'run.oci.systemd.subgroup': "the container is in the scope's own cgroup",
  'run.oci.timens_offset': 'linux.timeOffsets has the offsets of a time namespace',
};

/** The mount options by which linux.mountLabel can be given: mount(8). */
export const MOUNT_CONTEXT_TYPES = ['context', 'fscontext', 'defcontext', 'rootcontext'] as const;
export type MountContextType = (typeof MOUNT_CONTEXT_TYPES)[number];

/** The values of an annotation that switches something on or off. */
export const SWITCH_VALUES = { on: ['1', 'true'], off: ['0', 'false'] } as const;

const isOn = ({ annotations }: Spec, name: string): boolean =>
  SWITCH_VALUES.on.some((value) => value === annotations?.[name]);

/** Podman's `--group-add keep-groups`: setgroups(2) is left out, so the caller's groups stay. */
export const keepsOriginalGroups = (spec: Spec): boolean => isOn(spec, KEEP_ORIGINAL_GROUPS);

/** True if a system call that libseccomp does not know is an error, instead of being left out. */
export const refusesUnknownSyscalls = (spec: Spec): boolean =>
  isOn(spec, SECCOMP_FAIL_UNKNOWN_SYSCALL);

/** Podman's `--security-opt label=nested` sets `rootcontext`: the container may relabel files. */
export const mountContextType = ({ annotations }: Spec): MountContextType =>
  (annotations?.[MOUNT_CONTEXT_TYPE] as MountContextType | undefined) ?? 'context';

/** The socket for a seccomp listener, and the field that names it. linux.seccomp comes first. */
export function seccompReceiver({
  linux,
  annotations,
}: Spec): { path: string; field: string } | undefined {
  const own = linux?.seccomp?.listenerPath;
  if (own) return { path: own, field: 'linux.seccomp.listenerPath' };
  const path = annotations?.[SECCOMP_RECEIVER];
  return path ? { path, field: `annotations["${SECCOMP_RECEIVER}"]` } : undefined;
}

/** The socket that receives a pidfd of init. `spec` need not be validated yet. */
export function pidfdReceiver({ annotations }: Spec): string | undefined {
  const path: unknown = annotations?.[PIDFD_RECEIVER];
  return typeof path === 'string' && path !== '' ? path : undefined;
}

/** The cgroup below its own that the container runs in and may divide. Empty means none. */
export const delegatedCgroup = ({ annotations }: Spec): string | undefined =>
  annotations?.[DELEGATE_CGROUP] || undefined;
