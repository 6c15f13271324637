import { boolean, list, object, stringThat } from './checks/shape.ts';

const line = stringThat('one line', (value) => !/[\n\0]/.test(value));

/** `linux.intelRdt`. closID names a directory; `/` is resctrl's root. */
export const intelRdt = object({
  optional: {
    closID: stringThat(
      'the name of a directory, or /',
      (id) => id === '' || id === '/' || (id !== '.' && id !== '..' && !/[/\n\0]/.test(id)),
    ),
    schemata: list(line),
    l3CacheSchema: line,
    memBwSchema: line,
    enableMonitoring: boolean,
  },
});
