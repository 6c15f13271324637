/** The log for warnings and --debug lines. */
export interface OperationLog {
  readonly debugging: boolean;
  debug(message: string): void;
  /** `hint` says what to do about it. */
  warning(message: string, hint?: string): void;
}

export const SILENT: OperationLog = { debugging: false, debug: () => {}, warning: () => {} };
