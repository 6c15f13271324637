/** What containerd has no options for in a checkpoint. */
export const NOT_ASKED = {
  tcpClose: false,
  autoDedup: false,
  lazyPages: false,
  preDump: false,
  tcpSkipInFlight: false,
  linkRemap: false,
};

/** containerd has no options for a restore. */
export const RESTORE_OPTIONS = {
  ...NOT_ASKED,
  tcpEstablished: false,
  externalUnixSockets: false,
  shellJob: false,
  fileLocks: false,
  noSubreaper: true,
};
