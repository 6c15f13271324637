import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle } from '../../support/bundle.ts';
import { needsUser } from '../../support/host/user.ts';
import type { Mistake, Theme } from './mistake.ts';
import { rootless } from './rootless.ts';

const configIs =
  (text: string) =>
  ({ dir }: Bundle): void =>
    writeFileSync(join(dir, 'config.json'), text);

const run = (bundle: Bundle, ...more: string[]) =>
  bundle.runtime('run', ...more, '--bundle', bundle.dir, bundle.id);

/** Runs the bundle in a mount namespace. `setup` changes the mounts first; its $0 is --root. */
const where = (setup: string) => (bundle: Bundle) =>
  bundle.command(
    ...['unshare', '--mount', 'sh', '-c', `mkdir -p "$0" && ${setup} && exec "$@"`, bundle.root],
    ...[bundle.binary, '--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id],
  );

const mistakes: Mistake[] = [
  {
    name: 'the bundle is not there',
    attempt: (bundle) => bundle.runtime('run', '--bundle', '/no/such/bundle', bundle.id),
    davit: { stage: 'loadConfig' },
  },
  {
    name: 'the bundle has no config.json',
    prepare: ({ dir }) => rmSync(join(dir, 'config.json')),
    davit: { stage: 'loadConfig', hint: /davit spec writes/ },
  },
  {
    name: 'config.json is empty',
    prepare: configIs(''),
    davit: { stage: 'loadConfig' },
  },
  {
    name: 'a comma too many in config.json',
    prepare: configIs('{\n  "ociVersion": "1.0.2",\n  "process": {\n    "args": ["sh",]\n  }\n}\n'),
    davit: { stage: 'loadConfig' },
  },
  {
    name: 'config.json is a list',
    prepare: configIs('[]'),
    davit: { stage: 'loadConfig', field: '$' },
  },
  {
    name: 'a string in the place of a list',
    prepare: configIs(
      '{"ociVersion": "1.0.2", "process": {"args": "sh", "cwd": "/"}, "root": {"path": "rootfs"}}',
    ),
    davit: { stage: 'validateConfig', field: 'process.args' },
  },
  {
    name: 'config.json of a version to come',
    spec: (spec) => {
      spec.ociVersion = '2.0.0';
    },
    davit: { stage: 'validateConfig', field: 'ociVersion' },
  },
  {
    name: 'the rootfs is not there',
    spec: (spec) => {
      spec.root.path = 'rotfs';
    },
    davit: { stage: 'validateConfig', field: 'root.path' },
  },
  {
    name: 'the rootfs is a file',
    spec: (spec) => {
      spec.root.path = 'config.json';
    },
    davit: { stage: 'validateConfig', field: 'root.path' },
  },
  {
    name: 'the id is taken',
    attempt: (bundle) => {
      bundle.create();
      return run(bundle);
    },
    davit: { stage: 'createState', hint: /choose another id, or/ },
  },
  {
    name: 'the id is a path',
    attempt: (bundle) => bundle.runtime('run', '--bundle', bundle.dir, '../web'),
    davit: { hint: /an id is any name/ },
  },
  {
    name: 'the state directory is a file',
    prepare: ({ root }) => writeFileSync(root, ''),
    davit: {
      stage: 'createState',
      syscall: 'mkdir',
      errno: 'EEXIST',
      hint: /set --root or XDG_RUNTIME_DIR/,
    },
  },
  {
    name: 'the state directory is on a read-only file system',
    attempt: where('mount -t tmpfs -o ro none "$0"'),
    davit: {
      stage: 'createState',
      syscall: 'mkdir',
      errno: 'EROFS',
      hint: /set --root or XDG_RUNTIME_DIR/,
    },
  },
  {
    name: 'the state directory’s disk is full',
    attempt: where('mount -t tmpfs -o size=4k none "$0" && head -c 4096 /dev/zero > "$0/full"'),
    davit: { stage: 'createState', syscall: 'write', errno: 'ENOSPC', hint: /the file system of/ },
  },
  {
    name: 'an ordinary user may not write to the state directory',
    spec: rootless,
    attempt: where(
      'chmod 700 "$0" && set -- setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"',
    ),
    skip: needsUser,
    davit: { hint: /set --root or XDG_RUNTIME_DIR/ },
  },
  {
    name: 'a terminal, and nobody to hold it',
    spec: (spec) => {
      spec.process.terminal = true;
    },
    attempt: (bundle) => bundle.create(),
    davit: { stage: 'connectToCaller', hint: /give --console-socket, or set/ },
  },
  {
    name: 'the console socket is not there',
    spec: (spec) => {
      spec.process.terminal = true;
    },
    attempt: (bundle) => bundle.create('--console-socket', '/run/no-such.sock'),
    davit: { stage: 'connectToCaller' },
  },
  {
    name: 'the console socket is a file',
    spec: (spec) => {
      spec.process.terminal = true;
    },
    attempt: (bundle) => bundle.create('--console-socket', join(bundle.dir, 'config.json')),
    davit: { stage: 'connectToCaller' },
  },
  {
    name: 'the pid file’s directory is not there',
    attempt: (bundle) => run(bundle, '--pid-file', '/no/such/directory/pid'),
    davit: { stage: 'saveState', syscall: 'open', errno: 'ENOENT' },
  },
  {
    name: 'a file descriptor to keep is not open',
    attempt: (bundle) => run(bundle, '--preserve-fds', '40'),
    davit: { stage: 'connectToCaller', hint: /--preserve-fds 40 needs fd/ },
  },
];

export const bundles: Theme = { name: 'The bundle, its id and the state directory', mistakes };
