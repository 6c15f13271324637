/** When a shim ends that nobody uses any more. Times in milliseconds. */
export interface IdleTimes {
  /** Without a use until it is withdrawn: `start` then makes another. */
  idle: number;
  /** From then on until it ends: containerd may be about to connect to it. */
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
