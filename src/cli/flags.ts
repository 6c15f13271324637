import { boolean, integer, string } from '@oclif/core/flags';

type Char = Parameters<typeof boolean>[0] extends { char?: infer C } | undefined ? C : never;

/** A flag without a value. */
export const flag = (description: string, char?: Char) =>
  boolean({ description, ...(char && { char }) });

/** A flag with one value. The last one counts. */
export const text = (description: string, char?: Char) =>
  string({ description, helpValue: '<value>', ...(char && { char }) });

/** A flag that may be given many times. */
export const texts = (description: string, char?: Char) =>
  string({
    description,
    helpValue: '<value>',
    multiple: true,
    multipleNonGreedy: true,
    ...(char && { char }),
  });

export const count = (description: string) =>
  integer({ description, helpValue: '<number>', default: 0, min: 0 });

/** `--format` of a command that prints a table or JSON. */
export const format = (json = "'json'") =>
  string({
    char: 'f',
    default: 'table',
    description: `'table' or ${json}`,
    helpValue: '<format>',
  });

/** A flag with a number; 1 when no number follows. */
export const numberOrNone = (description: string) => ({
  ...integer({ description, helpValue: '[<number>]' }),
  alone: '1',
});

/** The flags of davit itself, accepted before and after the command. */
export const globalFlags = {
  debug: boolean({ description: 'log what each stage does', helpGroup: 'GLOBAL' }),
  log: string({
    description: 'file that the log is appended to (standard error unless given)',
    helpValue: '<file>',
    helpGroup: 'GLOBAL',
  }),
  'log-format': string({
    description: "format of the log: 'text' (unless given) or 'json'",
    helpValue: '<format>',
    helpGroup: 'GLOBAL',
  }),
  'log-level': string({
    description:
      "lowest level that is logged: 'debug' (--debug), 'warning' (unless given) or 'error'",
    helpValue: '<level>',
    helpGroup: 'GLOBAL',
  }),
  // youki's flag: its documentation puts it into Docker's daemon.json.
  'systemd-log': boolean({ description: 'accepted, and ignored', hidden: true }),
  root: string({
    description:
      'directory that holds the state of containers, best on a tmpfs (/run/davit unless given; $XDG_RUNTIME_DIR/davit for an ordinary user)',
    helpValue: '<dir>',
    helpGroup: 'GLOBAL',
  }),
  'systemd-cgroup': boolean({
    description: 'make cgroups through systemd; cgroupsPath then reads slice:prefix:name',
    helpGroup: 'GLOBAL',
  }),
  'cgroup-manager': string({
    description:
      "what makes cgroups: 'cgroupfs' (unless given), 'systemd' (--systemd-cgroup) or 'disabled' for no cgroups",
    helpValue: '<manager>',
    helpGroup: 'GLOBAL',
  }),
  plugin: string({
    description: 'plugin to load: a file or a package; may be given many times',
    helpValue: '<path>',
    helpGroup: 'GLOBAL',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'plugin-timeout': string({
    description:
      "time for plugins to load and to answer, unless the configuration file gives one ('5s')",
    helpValue: '<duration>',
    helpGroup: 'GLOBAL',
  }),
  // The library gives it to the davit that it starts: embedding/link/address.ts.
  'embedded-by': string({ hidden: true }),
  rootless: string({
    description: "go on when cgroups may not be written: 'true', 'false' or 'auto' (unless given)",
    helpValue: '<mode>',
    helpGroup: 'GLOBAL',
  }),
};

/** crun's flag, which makes a command act on many containers. */
export const regex = () =>
  flag('the id is a regular expression that selects containers; a failure is a warning', 'r');

/** The flags that `create` and `run` share. */
export const launchFlags = {
  bundle: text('bundle directory (the current one unless given)', 'b'),
  config: text("configuration file (the bundle's config.json unless given)", 'f'),
  'console-socket': text('unix socket that receives the master end of the terminal'),
  'pidfd-socket': text("unix socket that receives a pidfd of the container's first process"),
  'pid-file': text("file to write the process id of the container's first process to"),
  'no-pivot': flag('enter the rootfs with MS_MOVE and chroot in place of pivot_root'),
  'no-new-keyring': flag("keep the caller's session keyring"),
  'preserve-fds': count('further file descriptors to hand over, after stdio and $LISTEN_FDS'),
};
