import type { ReadonlyDeep, Spec } from 'davit/plugin';

const ISOLATING = ['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup'] as const;

/** The privileges that a configuration gives its program beyond an ordinary container. */
export function privileges({ process, root, mounts = [], linux = {} }: ReadonlyDeep<Spec>) {
  const { namespaces = [], seccomp, devices = [] } = linux;
  const own = new Set(namespaces.filter(({ path }) => !path).map(({ type }) => type));
  return {
    capabilities: process?.capabilities?.bounding ?? [],
    noNewPrivileges: process?.noNewPrivileges ?? false,
    seccomp: seccomp !== undefined,
    readonlyRootfs: root?.readonly ?? false,
    /** Namespaces that the container shares with the host or with another container. */
    sharedNamespaces: ISOLATING.filter((type) => !own.has(type)),
    writableHostPaths: mounts
      .filter(
        ({ type, options = [] }) => type === 'bind' || options.some((o) => /^r?bind$/.test(o)),
      )
      .filter(({ options = [] }) => !options.includes('ro'))
      .map(({ source }) => source),
    devices: devices.map(({ path }) => path),
  };
}
