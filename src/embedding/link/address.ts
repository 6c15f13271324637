import { RuntimeError } from '../../errors/runtime-error.ts';

/** How davit reaches the program that has started it: the value of the flag --embedded-by. */
export interface LinkAddress {
  /** Absolute path of the program's socket. */
  socket: string;
  /** The number of the program's call. */
  call: number;
  /** The events that the program listens to. */
  events: readonly string[];
  /** The stages about which the program's interceptors are asked: `mounts:before`. */
  questions: readonly string[];
  /** The size of the program's terminal, if the container's program is to have one. */
  terminal?: { rows: number; columns: number };
}

export const formatAddress = (address: LinkAddress): string => JSON.stringify(address);

/** The library of the same build has written it. */
export function parseAddress(text: string): LinkAddress {
  try {
    return JSON.parse(text) as LinkAddress;
  } catch (cause) {
    const value = JSON.stringify(text);
    throw new RuntimeError(`--embedded-by ${value}: only davit's library gives it`, undefined, {
      cause,
    });
  }
}
