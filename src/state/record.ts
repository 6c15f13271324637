import type { CgroupRecord } from '../cgroups/cgroup.ts';

/** state.json: what later commands need to know of a container and cannot read from /proc. */
export interface ContainerRecord {
  ociVersion: string;
  id: string;
  /** Absolute path of the bundle. */
  bundle: string;
  /** Absolute path of the rootfs. */
  rootfs: string;
  annotations?: Record<string, string>;
  /** When it was created: RFC 3339, UTC. */
  created: string;
  /** The uid that created it. */
  owner: number;
  /** init's pid in the runtime's pid namespace; 0 until it is created. */
  initPid: number;
  /** init's start time, in clock ticks since boot: proc_pid_stat(5), field 22. */
  initStartTime: number;
  /** The boot of the machine in which init started: random(4), boot_id. */
  bootId?: string;
  cgroup?: CgroupRecord;
  resctrl?: ResctrlRecord;
  /** W3C traceparent of the command that created it: the container's trace. */
  traceparent?: string;
  /** The W3C tracestate that goes with it. */
  tracestate?: string;
  rootless?: boolean;
  /** Stages with interceptors when the container was created: init asks before it runs them. */
  interceptedStages?: string[];
  /** Data that plugins stored with the container, by plugin. */
  plugins?: Record<string, Record<string, unknown>>;
  /** True without a pid namespace of its own: killing init does not kill the other processes. */
  sharedPid?: boolean;
  /**
   * What stdin, stdout and stderr of its first process are, as proc_pid_fd(5) shows them:
   * `pipe:[1234]`. A checkpoint stores them, as the pipes of a restored container are others.
   */
  externalDescriptors?: string[];
  /** True if the container's programs keep the session keyring of davit's caller. */
  noNewKeyring?: boolean;
}

/** The container's groups in resctrl, as absolute paths. */
export interface ResctrlRecord {
  /** Its class of service. */
  group: string;
  /** Its monitoring group, below `group`. */
  monitoring?: string;
  /** True when `group` was made for this container: `delete` removes it. */
  remove: boolean;
}
