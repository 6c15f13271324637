/** An invalid command line. The texts are runc's: callers match on them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help explains the error; absent for davit itself. */
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
