import { parseCpuList } from '../../cpu-list.ts';
import { stringThat } from './shape.ts';

// A C string ends at the first NUL: the rest would be lost silently.
const whole = (value: string) => !value.includes('\0');

/** A string that can be passed to a system call. */
export const text = stringThat('a string without NUL characters', whole);

export const nonEmptyText = stringThat(
  'a string that is not empty and has no NUL characters',
  (value) => value !== '' && whole(value),
);

export const absolutePath = stringThat(
  'an absolute path',
  (value) => value.startsWith('/') && whole(value),
);

/** `NAME=value`. */
export const environmentVariable = stringThat(
  'a string of the form NAME=value',
  (value) => value.indexOf('=') > 0 && whole(value),
);

/** `0-3,7`, or empty. */
export const cpuList = stringThat(
  'a list such as 0-3,7',
  (value) => value === '' || (parseCpuList(value)?.length ?? 0) > 0,
);
