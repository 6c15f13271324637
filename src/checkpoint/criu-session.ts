import type { StartProgress } from '../caller/progress.ts';
import { strerror } from '../syscalls/ffi/libc.ts';
import { closeFd } from '../syscalls/files/close-fd.ts';
import type { Response } from './criu_pb.ts';
import type { RequestInit } from './criu-messages.ts';
import { REQUEST } from './criu-numbers.ts';
import type { CriuProcess } from './criu-process.ts';

/** criu is about to do something, or has done it, and waits for consent. */
export interface CriuNotification {
  /** `setup-namespaces`, `post-restore` …: action-scripts.c in criu's sources. */
  script: string;
  /** The pid of init while it is restored. */
  pid: number;
  /** The fd that criu hands over, the caller's to close: a terminal's master end. */
  fd: number | undefined;
}

/** A request to criu that takes long, with its notifications. */
export class CriuSession {
  readonly #criu: CriuProcess;
  readonly #startProgress: StartProgress | undefined;
  #waits = false;
  #answer: Response | undefined;

  constructor(criu: CriuProcess, request: RequestInit, startProgress?: StartProgress) {
    this.#criu = criu;
    this.#startProgress = startProgress;
    criu.send(request);
  }

  /** criu's answer, once {@link next} has returned undefined. */
  get answer(): Response | undefined {
    return this.#answer;
  }

  /**
   * Consents to the notification before and waits for the next one. Undefined once criu has done
   * everything. Throws when criu fails.
   */
  async next(): Promise<CriuNotification | undefined> {
    if (this.#answer) return undefined;
    if (this.#waits) this.#criu.send({ type: REQUEST.NOTIFY, notifySuccess: true });
    const { response, fd } = await this.#criu.receive(this.#startProgress);
    if (!response.success) {
      closeFd(fd ?? -1);
      throw failure(response);
    }
    this.#waits = response.type === REQUEST.NOTIFY;
    if (this.#waits) return { script: '', pid: 0, ...response.notify, fd };
    this.#answer = response;
    return undefined;
  }
}

function failure({ crErrno }: Response): Error {
  return new Error(crErrno ? `criu failed: ${strerror(crErrno)}` : 'criu failed');
}
