/** When a shim ends that nobody uses any more. Times in milliseconds. */
export interface IdleTimes {
  /**
   * How long the shim may be unused before it is withdrawn. After that, `start` makes another shim.
   */
  idle: number;
  /** How long the shim then waits before it ends: containerd may be about to connect to it. */
  grace: number;
}

/** Notices that a shim is not used any more. */
export class IdleWatch {
  readonly #times: IdleTimes;
  readonly #isUsed: () => boolean;
  readonly #withdraw: () => void;
  readonly #end: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** Begins when {@link look} is called for the first time. */
  constructor(
    times: IdleTimes,
    isUsed: () => boolean,
    { withdraw, end }: { withdraw: () => void; end: () => void },
  ) {
    this.#times = times;
    this.#isUsed = isUsed;
    this.#withdraw = withdraw;
    this.#end = end;
  }

  /** To be called when the use may have changed. */
  look(): void {
    clearTimeout(this.#timer);
    if (this.#isUsed()) return;
    this.#timer = setTimeout(() => {
      this.#withdraw();
      this.#timer = setTimeout(this.#end, this.#times.grace);
    }, this.#times.idle);
  }
}
