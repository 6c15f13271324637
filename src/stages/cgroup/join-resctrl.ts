import {
  createResctrl,
  joinResctrl,
  planResctrl,
  removeResctrl,
} from '../../cgroups/resctrl/resctrl.ts';
import { findResctrl } from '../../config/host/resctrl.ts';
import type { AppliesContext } from '../../context/applies-context.ts';
import type { OnFailure } from '../../context/cleanup.ts';
import type { ForkedContext, StoredContext } from '../../context/context.ts';
import { writeRecord } from '../../state/store.ts';

export const wantsResctrl = ({ spec }: AppliesContext): boolean =>
  spec.linux?.intelRdt !== undefined;

/** Makes the container's resctrl groups and puts init in. Writes the record first, for a crash. */
export function createResctrlGroup(
  ctx: StoredContext & Pick<ForkedContext, 'init'>,
  onFailure: OnFailure,
): void {
  const { id, spec, record, stateDir, init } = ctx;
  const request = { root: findResctrl()!, id, intelRdt: spec.linux!.intelRdt! };
  record.resctrl = planResctrl(request);
  writeRecord(stateDir, record);
  onFailure.defer(() => removeResctrlGroup(ctx));
  createResctrl(record.resctrl, request, init.pid);
}

/** The process of `exec` is not a descendant of init: it does not inherit init's resctrl group. */
export function joinResctrlGroup({ record, init }: ForkedContext): void {
  if (record.resctrl) joinResctrl(record.resctrl, init.pid);
}

export function removeResctrlGroup({ record }: StoredContext): void {
  if (record.resctrl) removeResctrl(record.resctrl);
}
