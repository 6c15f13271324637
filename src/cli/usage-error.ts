/** An invalid command line. The texts are runc's: callers match on them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  /** The command whose help explains the error; absent for davit itself. */
  readonly command: string | undefined;
  readonly exitStatus: number;
  /** What the caller most likely wanted. */
  readonly suggestion: string | undefined;

  constructor(message: string, { command, exitStatus = 1, suggestion }: UsageErrorOptions = {}) {
    super(message);
    this.command = command;
    this.exitStatus = exitStatus;
    this.suggestion = suggestion;
  }

  get hint(): string {
    const help = `see ${['davit', this.command, '--help'].filter(Boolean).join(' ')}`;
    return this.suggestion ? `${this.suggestion}; ${help}` : help;
  }
}

interface UsageErrorOptions {
  command?: string | undefined;
  exitStatus?: number;
  suggestion?: string | undefined;
}
