import {
  createResctrl,
  joinResctrl,
  planResctrl,
  removeResctrl,
} from '../../cgroups/resctrl/resctrl.ts';
import { findResctrl } from '../../config/host/resctrl.ts';
import type { Launch, RuntimeContext } from '../../lifecycle/context.ts';
import { writeRecord } from '../../state/store.ts';

export const wantsResctrl = ({ spec }: Launch): boolean => spec.linux?.intelRdt !== undefined;

/** Makes the container's resctrl groups, with init in them; first recorded, in case of a crash. */
export function createResctrlGroup(ctx: RuntimeContext, root = findResctrl()): void {
  const { id, spec, record, stateDir, init } = ctx;
  const request = { root: root!, id, intelRdt: spec.linux!.intelRdt! };
  record.resctrl = planResctrl(request);
  writeRecord(stateDir, record);
  createResctrl(record.resctrl, request, init!.pid);
}

/** `exec`'s process is no descendant of init, from whom it could have it. */
export function joinResctrlGroup({ record, init }: RuntimeContext): void {
  if (record.resctrl) joinResctrl(record.resctrl, init!.pid);
}

export function removeResctrlGroup({ record }: RuntimeContext): void {
  if (record.resctrl) removeResctrl(record.resctrl);
}
