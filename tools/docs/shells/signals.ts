import { constants } from 'node:os';

/** The names of signals as `davit kill` takes them: `TERM`. */
export const signalNames: readonly string[] = Object.keys(constants.signals).map((name) =>
  name.slice('SIG'.length),
);
