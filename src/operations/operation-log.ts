/** Where warnings and --debug lines go. */
export interface OperationLog {
  readonly debugging: boolean;
  debug(message: string): void;
  warning(message: string): void;
}

export const SILENT: OperationLog = { debugging: false, debug: () => {}, warning: () => {} };
