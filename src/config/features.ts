import { seccompVersion } from '../syscalls/ffi/libseccomp.ts';
import { OCI_VERSION } from '../version.ts';
import { CRUN_ANNOTATION_PREFIX } from './crun-annotations.ts';
import { LANDLOCK_ANNOTATION } from './landlock.ts';
import { CAPABILITIES } from './names/capabilities.ts';
import { HOOK_NAMES } from './names/hook-names.ts';
import { MEMORY_POLICY_FLAGS, MEMORY_POLICY_MODES } from './names/memory-policy.ts';
import { MOUNT_OPTION_NAMES } from './names/mount-options.ts';
import { NAMESPACE_TYPES } from './names/namespace-types.ts';
import { SECCOMP_ACTIONS } from './names/seccomp-actions.ts';
import { SECCOMP_ARCHS } from './names/seccomp-archs.ts';
import { SECCOMP_FLAGS } from './names/seccomp-flags.ts';
import { SECCOMP_OPERATORS } from './names/seccomp-operators.ts';
import { SUPPORT, type Support } from './support.ts';

/** The features structure of runtime-spec's features.md and features-linux.md. */
export interface Features {
  ociVersionMin: string;
  ociVersionMax: string;
  hooks: readonly string[];
  mountOptions: readonly string[];
  linux: LinuxFeatures;
  annotations: Record<string, string>;
  potentiallyUnsafeConfigAnnotations: readonly string[];
}

interface LinuxFeatures {
  namespaces: readonly string[];
  capabilities: readonly string[];
  cgroup: { v1: boolean; v2: boolean; systemd: boolean; systemdUser: boolean; rdma: boolean };
  seccomp: SeccompFeatures;
  apparmor: Enabled;
  selinux: Enabled;
  intelRdt: Enabled & { schemata: boolean; monitoring: boolean };
  memoryPolicy?: { modes: readonly string[]; flags: readonly string[] };
  mountExtensions: { idmap: Enabled };
  netDevices: Enabled;
}

interface Enabled {
  enabled: boolean;
}

interface SeccompFeatures extends Enabled {
  actions?: readonly string[];
  operators?: readonly string[];
  archs?: readonly string[];
  knownFlags?: readonly string[];
  supportedFlags?: readonly string[];
}

/** What `davit features` prints. `support` is a parameter for tests only. */
export function features(support: Support = SUPPORT): Features {
  return {
    ociVersionMin: '1.0.0',
    ociVersionMax: OCI_VERSION,
    hooks: HOOK_NAMES,
    mountOptions: MOUNT_OPTION_NAMES,
    linux: linuxFeatures(support),
    annotations: {
      'org.opencontainers.runc.checkpoint.enabled': 'true',
      [`${LANDLOCK_ANNOTATION}.enabled`]: 'true',
      ...(support.seccomp && { 'io.github.seccomp.libseccomp.version': seccompVersion() }),
    },
    potentiallyUnsafeConfigAnnotations: [
      CRUN_ANNOTATION_PREFIX,
      ...(support.systemd ? ['org.systemd.property.'] : []),
    ],
  };
}

function linuxFeatures(support: Support): LinuxFeatures {
  const { systemd, systemdUser, rdma, intelRdt } = support;
  return {
    namespaces: NAMESPACE_TYPES,
    capabilities: CAPABILITIES,
    cgroup: { v1: true, v2: true, systemd, systemdUser, rdma },
    seccomp: support.seccomp ? seccompFeatures() : { enabled: false },
    apparmor: { enabled: support.apparmor },
    selinux: { enabled: support.selinux },
    intelRdt: { enabled: intelRdt, schemata: intelRdt, monitoring: intelRdt },
    ...(support.memoryPolicy && {
      memoryPolicy: { modes: MEMORY_POLICY_MODES, flags: MEMORY_POLICY_FLAGS },
    }),
    mountExtensions: { idmap: { enabled: support.idmap } },
    netDevices: { enabled: support.netDevices },
  };
}

function seccompFeatures(): SeccompFeatures {
  return {
    enabled: true,
    actions: SECCOMP_ACTIONS,
    operators: SECCOMP_OPERATORS,
    archs: SECCOMP_ARCHS,
    knownFlags: SECCOMP_FLAGS,
    // libseccomp knows WAIT_KILLABLE_RECV only since 2.6.
    supportedFlags: SECCOMP_FLAGS.filter((flag) => !flag.endsWith('WAIT_KILLABLE_RECV')),
  };
}
