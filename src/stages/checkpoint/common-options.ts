import { existsSync } from 'node:fs';
import type { RequestInit } from '../../checkpoint/criu-messages.ts';
import {
  CGROUPS_MODES,
  DEFAULT_CGROUPS_MODE,
  NETWORK_LOCKS,
} from '../../checkpoint/criu-numbers.ts';
import type { CriuOptions } from '../../checkpoint/options.ts';
import type { Spec } from '../../config/types.ts';
import { CLONE_NEWNET } from '../../syscalls/task/namespaces.ts';
import type { Images } from './open-images.ts';

type OptionsInit = NonNullable<RequestInit['opts']>;

/** criu writes what it does, but no contents of memory. */
const LOG_LEVEL = 4;

/** The options of criu that are the same for a checkpoint and a restore. */
export function commonOptions(
  options: CriuOptions,
  { directory, work }: Images,
  spec: Spec,
  logFile: string,
) {
  const { manageCgroupsMode: mode, networkLock } = options;
  return {
    imagesDirFd: directory,
    ...(work !== undefined && { workDirFd: work }),
    logLevel: LOG_LEVEL,
    logFile,
    notifyScripts: true,
    manageCgroups: true,
    manageCgroupsMode: mode ? CGROUPS_MODES[mode] : DEFAULT_CGROUPS_MODE,
    ...(networkLock && { networkLock: NETWORK_LOCKS[networkLock] }),
    shellJob: options.shellJob,
    extUnixSk: options.externalUnixSockets,
    tcpEstablished: options.tcpEstablished,
    tcpClose: options.tcpClose,
    fileLocks: options.fileLocks,
    autoDedup: options.autoDedup,
    lazyPages: options.lazyPages,
    // As with runc, engines and hooks set up the network devices.
    emptyNs: CLONE_NEWNET,
    orphanPtsMaster: true,
    ...configFile(spec),
  } satisfies OptionsInit;
}

/** An annotation names criu's configuration file; an empty one stands for no file, as in runc. */
const ANNOTATION = 'org.criu.config';
const CONFIG_FILES = ['/etc/criu/davit.conf', '/etc/criu/runc.conf'] as const;

/** criu's file of options, which go before those of davit. criu ignores a missing one. */
function configFile({ annotations = {} }: Spec): { configFile?: string } {
  const [own, runcs] = CONFIG_FILES;
  const file = annotations[ANNOTATION] ?? (existsSync(own) ? own : runcs);
  return file ? { configFile: file } : {};
}
