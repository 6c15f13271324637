import { attachBesideInit } from '../../cgroups/exec/cgroup-of-init.ts';
import { subCgroups } from '../../cgroups/exec/sub-cgroups.ts';
import { loadCgroup } from '../../cgroups/open.ts';
import type { ExecContext, PreparedContext } from '../../context/context.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';

/** Opens the cgroup of the process: that of init, or the one of --cgroup. */
export function openExecCgroup(
  ctx: PreparedContext & ExecContext,
): Pick<PreparedContext, 'attachment'> {
  const { record, execOptions, spec, atEnd, callerEnvironment: environment, eventLoop } = ctx;
  const { cgroup } = execOptions;
  if (cgroup.length === 0) {
    return {
      attachment: atEnd.use(attachBesideInit(record, spec.linux, { environment, eventLoop })),
    };
  }
  const { rootless = false } = record;
  const place = loadCgroup(subCgroups(record.cgroup!, cgroup), {
    rootless,
    environment,
    eventLoop,
  });
  try {
    return { attachment: atEnd.use(place.openAttachment({ cloneInto: false })) };
  } catch (error) {
    const { message } = error as Error;
    throw new RuntimeError(`--cgroup ${cgroup.join(' ')}: adding pid to it: ${message}`);
  }
}
