import { attachBesideInit } from '../../cgroups/exec/cgroup-of-init.ts';
import { subCgroups } from '../../cgroups/exec/sub-cgroups.ts';
import { loadCgroup } from '../../cgroups/open.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import type { ExecContext, RuntimeContext } from '../../lifecycle/context.ts';

/** Opens the cgroup of the process: that of init, or the one of --cgroup. */
export function openExecCgroup(ctx: RuntimeContext & ExecContext): void {
  const { record, asked, spec, callerEnvironment: environment } = ctx;
  const { cgroup } = asked;
  if (cgroup.length === 0) {
    ctx.attachment = ctx.atEnd.use(attachBesideInit(record, spec.linux, environment));
    return;
  }
  const { rootless = false } = record;
  const place = loadCgroup(subCgroups(record.cgroup!, cgroup), { rootless, environment });
  try {
    ctx.attachment = ctx.atEnd.use(place.openAttachment({ cloneInto: false }));
  } catch (error) {
    const { message } = error as Error;
    throw new RuntimeError(`--cgroup ${cgroup.join(' ')}: adding pid to it: ${message}`);
  }
}
