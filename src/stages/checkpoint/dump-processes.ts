import { closeSync, readdirSync, realpathSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Cgroup, directoryOf } from '../../cgroups/cgroup.ts';
import { removeCriuDirectories } from '../../checkpoint/criu-directories.ts';
import { explainByLog } from '../../checkpoint/criu-log.ts';
import type { RequestInit } from '../../checkpoint/criu-messages.ts';
import { REQUEST } from '../../checkpoint/criu-numbers.ts';
import { CriuProcess } from '../../checkpoint/criu-process.ts';
import { CriuSession } from '../../checkpoint/criu-session.ts';
import type { Criu } from '../../checkpoint/find-criu.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { CheckpointContext, PreparedContext, ReadContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { StoredContainer } from '../../state/container.ts';
import { removeFile } from '../../state/remove.ts';
import { commonOptions } from './common-options.ts';
import { filesOfHost, writeDescriptors } from './descriptors.ts';
import { externalMounts, MASK, maskedFiles } from './external-mounts.ts';
import { namespacesLeftOut } from './external-namespaces.ts';
import type { Images } from './open-images.ts';

type DumpContext = CheckpointContext &
  ReadContext &
  Pick<PreparedContext, 'spec' | 'rootfs' | 'bundle' | 'record' | 'cgroup'> & {
    readonly criu: Criu;
    readonly images: Images;
  };

const LOG = 'dump.log';

/** Only a container whose program runs can be saved. The text is runc's. */
export function checkRunning({ status }: StoredContainer): void {
  if (status === 'running' || status === 'paused') return;
  throw new RuntimeError(`container cannot be checkpointed in ${status} state`);
}

/** Saves the processes of a container, by criu. They end, unless they are to go on. */
export async function dumpProcesses(ctx: DumpContext, onFailure: OnFailure): Promise<void> {
  const { checkpointOptions: options, criu, images, container } = ctx;
  const before = new Set(readdirSync(options.imagePath));
  onFailure.defer(() => removeNewImages(options.imagePath, before));
  removeCriuDirectories(images.logDirectory, onFailure);
  onFailure.defer(() => thaw(container));
  const files = options.preDump ? [] : filesOfHost(ctx.record.initPid);
  if (!options.preDump) writeDescriptors(options.imagePath, ctx.record, files);
  const process = new CriuProcess(criu);
  try {
    const session = new CriuSession(process, requestOf(ctx, files), ctx.startProgress);
    for (let event = await session.next(); event; event = await session.next()) {
      if (event.script === 'status-ready') tellReady(options.statusFd);
    }
  } catch (error) {
    throw explainByLog(error, join(images.logDirectory, LOG), ctx.warn);
  } finally {
    await process.finish();
  }
}

function requestOf(ctx: DumpContext, files: readonly string[]): RequestInit {
  const { checkpointOptions: options, record, spec, cgroup, images } = ctx;
  const { parentPath, pageServer } = options;
  return {
    type: options.preDump ? REQUEST.PRE_DUMP : REQUEST.DUMP,
    opts: {
      ...commonOptions(options, images, spec, LOG),
      pid: record.initPid,
      root: realpathSync(record.rootfs),
      leaveRunning: options.leaveRunning,
      tcpSkipInFlight: options.tcpSkipInFlight,
      linkRemap: options.linkRemap,
      ...freezer(cgroup),
      ...(pageServer && { ps: pageServer }),
      ...(parentPath && { parentImg: parentPath }),
      ...((parentPath || options.preDump) && { trackMem: true }),
      external: [...namespacesLeftOut(spec.linux, record.initPid), ...files.filter(Boolean)],
      extMnt: options.preDump ? [] : mountsLeftOut(ctx),
    },
  };
}

function mountsLeftOut(ctx: DumpContext): { key: string; val: string }[] {
  const external = externalMounts(ctx).map(({ mountpoint }) => ({
    key: mountpoint,
    val: mountpoint,
  }));
  const masks = maskedFiles(ctx.spec, ctx.record.initPid).map((key) => ({ key, val: MASK }));
  return [...external, ...masks];
}

/** Without a cgroup that freezes, criu stops each process by ptrace(2). */
function freezer(cgroup: Cgroup | undefined): { freezeCgroup?: string } {
  const hierarchies = cgroup?.hierarchies ?? [];
  const hierarchy =
    hierarchies.find(({ controllers }) => controllers.includes('freezer')) ??
    hierarchies.find(({ version }) => version === 2);
  return hierarchy ? { freezeCgroup: directoryOf(hierarchy) } : {};
}

/** Pages can be fetched from now on: the fd gets a NUL byte, and its end. */
function tellReady(fd: number | undefined): void {
  if (fd === undefined) return;
  writeSync(fd, '\0');
  closeSync(fd);
}

/**
 * An incomplete checkpoint is of no use. Keeps criu's log, and what was there before. A directory
 * may be a mount that criu has left.
 */
function removeNewImages(directory: string, before: ReadonlySet<string>): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const { name } = entry;
    if (name === LOG || before.has(name) || entry.isDirectory()) continue;
    removeFile(join(directory, name));
  }
}

/** A criu that was killed leaves the container frozen. */
function thaw({ status, cgroup }: StoredContainer): void {
  if (status === 'running' && cgroup?.frozen()) cgroup.thaw();
}
