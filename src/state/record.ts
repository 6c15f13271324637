import type { CgroupRecord } from '../cgroups/cgroup.ts';

/** What state.json holds of a container: all that later commands need and /proc does not tell. */
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
  /** Which boot of the machine that was: random(4), boot_id. */
  bootId?: string;
  cgroup?: CgroupRecord;
  resctrl?: ResctrlRecord;
  /** W3C traceparent of the command that created it: the container's trace. */
  traceparent?: string;
  /** The W3C tracestate that goes with it. */
  tracestate?: string;
  rootless?: boolean;
  /** Stages that init asks about before it runs them. */
  asks?: string[];
  /** What plugins noted of it, by plugin. */
  plugins?: Record<string, Record<string, unknown>>;
  /** True without a pid namespace of its own: killing init leaves the others. */
  sharedPid?: boolean;
  /** True where its programs keep the session keyring of who starts them. */
  noNewKeyring?: boolean;
}

/** The container's groups in resctrl, as absolute paths. */
export interface ResctrlRecord {
  /** Its class of service. */
  group: string;
  /** Its monitoring group, below `group`. */
  monitoring?: string;
  /** True when `group` is the container's alone, and goes with it. */
  remove: boolean;
}
