import { writeFileSync } from 'node:fs';
import { RuntimeError } from '../errors/runtime-error.ts';
import { chosenTraces, type TraceRequest } from './trace.ts';

/** Writes the traces that `request` is about to `file`, for ui.perfetto.dev. */
export async function writePerfetto(request: TraceRequest, file: string): Promise<void> {
  const { toPerfetto } = await import('../telemetry/perfetto/perfetto.ts');
  write(file, JSON.stringify(toPerfetto(chosenTraces(request))));
}

/** Writes the traces that `request` is about to `file`, as a page for a browser. */
export async function writePage(request: TraceRequest, file: string): Promise<void> {
  const { fillPage } = await import('../telemetry/page/fill-page.ts');
  write(file, fillPage(chosenTraces(request)));
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new RuntimeError(`cannot write the trace: ${(error as Error).message}`);
  }
}
