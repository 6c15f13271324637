/** A command line that cannot be understood; runc's wording, because callers match on it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help would explain; absent for davit itself. */
  readonly command: string | undefined;
  readonly exitStatus: number;

  constructor(message: string, { command, exitStatus = 1 }: UsageErrorOptions = {}) {
    super(message);
    this.command = command;
    this.exitStatus = exitStatus;
  }

  get hint(): string {
    return `see ${['davit', this.command, '--help'].filter(Boolean).join(' ')}`;
  }
}

interface UsageErrorOptions {
  command?: string | undefined;
  exitStatus?: number;
}
