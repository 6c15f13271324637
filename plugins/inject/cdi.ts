import type { HookName } from 'davit/plugin';

/** A CDI file: tags.cncf.io/container-device-interface, SPEC.md, version 1.1.0. */
export interface CdiSpec {
  cdiVersion: string;
  /** `vendor.com/class`. */
  kind: string;
  annotations?: Record<string, string>;
  devices: CdiDevice[];
  /** Applied once if any device of the file is requested. */
  containerEdits?: ContainerEdits;
}

export interface CdiDevice {
  name: string;
  annotations?: Record<string, string>;
  containerEdits: ContainerEdits;
}

export interface ContainerEdits {
  env?: string[];
  deviceNodes?: DeviceNode[];
  netDevices?: { hostInterfaceName: string; name: string }[];
  hooks?: CdiHook[];
  mounts?: CdiMount[];
  intelRdt?: IntelRdt;
  additionalGids?: number[];
}

export interface DeviceNode {
  path: string;
  hostPath?: string;
  type?: 'b' | 'c' | 'u' | 'p';
  major?: number;
  minor?: number;
  fileMode?: number;
  permissions?: string;
  uid?: number;
  gid?: number;
}

export interface CdiMount {
  hostPath: string;
  containerPath: string;
  options?: string[];
  type?: string;
}

export interface CdiHook {
  hookName: HookName;
  path: string;
  args?: string[];
  env?: string[];
  /** Seconds. */
  timeout?: number;
}

export interface IntelRdt {
  closID?: string;
  l3CacheSchema?: string;
  memBwSchema?: string;
  schemata?: string[];
  enableMonitoring?: boolean;
}
