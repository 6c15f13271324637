/* The enumerations of criu's RPC: images/rpc.proto in criu's sources. */

/** What is asked of criu. */
export const REQUEST = {
  DUMP: 1,
  RESTORE: 2,
  PRE_DUMP: 4,
  NOTIFY: 6,
  FEATURE_CHECK: 9,
  VERSION: 10,
} as const;

/** How criu treats cgroups, by the values of --manage-cgroups-mode: https://criu.org/CGroups. */
export const CGROUPS_MODES = { ignore: 0, soft: 3, full: 4, strict: 5 } as const;
export type CgroupsMode = keyof typeof CGROUPS_MODES;
/** What criu takes unless asked otherwise: soft. */
export const DEFAULT_CGROUPS_MODE = 6;

/** How criu stops packets of a connection that is saved. */
export const NETWORK_LOCKS = { iptables: 1, nftables: 2, skip: 3 } as const;
export type NetworkLock = keyof typeof NETWORK_LOCKS;
