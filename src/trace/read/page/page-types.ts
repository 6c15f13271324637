/** The JSON in the page of `davit trace --html`. Times are nanoseconds from the life's start. */
export interface PageData {
  lives: PageLife[];
}

export interface PageLife {
  containerId: string;
  traceId: string;
  /** ISO 8601. */
  start: string;
  commands: PageCommand[];
  /** Later commands that found no container of this id. */
  orphanCommands: { name: string; error: string }[];
}

export interface PageCommand {
  /** The program that recorded it (`service.name`), where the command's name does not say so. */
  service?: string | undefined;
  /** The command's own span, then each span before those inside it. */
  spans: PageSpan[];
}

export interface PageSpan {
  name: string;
  /** 0 for the command, 1 for a stage. */
  depth: number;
  side: 'runtime' | 'container';
  start: number;
  end: number;
  /** True when it only waited for the container's own process. */
  wait?: true | undefined;
  /** True when a plugin or a hook did it. */
  foreign?: true | undefined;
  error?: string | undefined;
  /** What to do about the error. */
  hint?: string | undefined;
  spanId: string;
  attributes: PageAttribute[];
  events: { name: string; time: number; attributes: PageAttribute[] }[];
}

export type PageAttribute = [name: string, value: string];
