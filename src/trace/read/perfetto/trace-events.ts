/**
 * Chrome's Trace Event Format, of which ui.perfetto.dev reads the JSON object form: "Trace Event
 * Format", docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU. Times are
 * microseconds. The events of one thread have to nest.
 */
export interface TraceEventFile {
  traceEvents: TraceEvent[];
  displayTimeUnit: 'ms' | 'ns';
  /** Shown with the trace. */
  otherData: Record<string, string>;
}

export type TraceEvent = CompleteEvent | InstantEvent | MetadataEvent;

interface OnThread {
  name: string;
  pid: number;
  tid: number;
  /** Categories, separated by commas. */
  cat?: string;
  args: Args;
}

interface CompleteEvent extends OnThread {
  ph: 'X';
  ts: number;
  dur: number;
}

interface InstantEvent extends OnThread {
  ph: 'i';
  ts: number;
  /** The event's scope: the thread. */
  s: 't';
}

interface MetadataEvent extends OnThread {
  ph: 'M';
  name: 'process_name' | 'process_sort_index' | 'thread_name' | 'thread_sort_index';
}

export type Args = Record<string, string | number | boolean | readonly string[]>;
