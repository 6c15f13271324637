import type { RecordedContext } from '../../context/context.ts';
import type { ContainerRecord } from '../../state/record.ts';
import { writeRecord } from '../../state/store.ts';
import type { Session } from './session.ts';

/** Restores the plugins' notes from earlier commands about the container. */
export function recallNotes({ notes }: Session, { plugins }: ContainerRecord): void {
  if (notes && plugins) Object.assign(notes, structuredClone(plugins));
}

/** Saves the plugins' notes if they differ from those in the record. */
export function keepNotes({ notes, record, stateDir, warn }: RecordedContext): void {
  if (!notes) return;
  try {
    const noted = Object.entries(notes).filter(([, of]) => Object.keys(of).length > 0);
    const text = JSON.stringify(Object.fromEntries(noted));
    if (text === JSON.stringify(record.plugins ?? {})) return;
    record.plugins = JSON.parse(text);
    writeRecord(stateDir, record);
  } catch (error) {
    warn(`the notes of plugins are not saved: ${(error as Error).message}`);
  }
}
