import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, TestSpec } from '../../support/bundle.ts';
import type { Mistake, Theme } from './mistake.ts';

const running =
  (...args: string[]) =>
  (spec: TestSpec): void => {
    spec.process.args = args;
  };

/** Mounts the rootfs on itself, with noexec. */
const whereNothingExecutes = (bundle: Bundle) =>
  bundle.command(
    'unshare',
    ...['--mount', 'sh', '-c', 'mount --bind -o noexec "$0" "$0" && exec "$@"', bundle.rootfs],
    ...[bundle.binary, '--root', bundle.root, 'run', '--bundle', bundle.dir, bundle.id],
  );

/** The ELF header of a busybox for another machine: Elf64_Ehdr.e_machine. */
const foreignElf = (): Buffer => {
  const header = Buffer.alloc(64);
  Buffer.from('7f454c46020101', 'hex').copy(header);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(0x5441, 18);
  return header;
};

/** A program for this machine that names a missing dynamic loader: elf(5). */
const elfWithLoader = (loader: string): Buffer => {
  const file = Buffer.alloc(64 + 2 * 56 + loader.length + 1);
  Buffer.from('7f454c46020101', 'hex').copy(file);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(process.arch === 'arm64' ? 183 : 62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  const name = Buffer.from(`${loader}\0`);
  file.writeUInt32LE(3, 64);
  file.writeUInt32LE(4, 68);
  file.writeBigUInt64LE(176n, 72);
  file.writeBigUInt64LE(BigInt(name.length), 96);
  file.writeBigUInt64LE(BigInt(name.length), 104);
  name.copy(file, 176);
  return file;
};

const put =
  (path: string, content: string | Buffer, mode = 0o755) =>
  ({ rootfs }: Bundle): void => {
    writeFileSync(join(rootfs, path), content);
    chmodSync(join(rootfs, path), mode);
  };

const mistakes: Mistake[] = [
  {
    name: 'the program is not in $PATH',
    spec: running('nginx'),
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /the directories of PATH/,
    },
  },
  {
    name: 'there is no $PATH',
    spec: (spec) => {
      spec.process.args = ['sh'];
      spec.process.env = ['TERM=xterm'];
    },
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /process\.env has no PATH/,
    },
  },
  {
    name: 'the program is not there',
    spec: running('/usr/bin/nginx'),
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /this is a path in the container/,
    },
  },
  {
    name: 'the whole command line in one argument',
    spec: running('/bin/sh -c true'),
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /every argument is an/,
    },
  },
  {
    name: 'the program is a directory',
    spec: running('/bin'),
    davit: { stage: 'findProgram', field: 'process.args[0]', syscall: 'execve', errno: 'EISDIR' },
  },
  {
    name: 'the program is not executable',
    spec: running('/start.sh'),
    prepare: put('start.sh', '#!/bin/sh\n', 0o644),
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'EACCES',
      hint: /process\.user needs execute permission/,
    },
  },
  {
    name: 'the user may not execute the program',
    spec: (spec) => {
      spec.process.args = ['/start.sh'];
      spec.process.user = { uid: 1000, gid: 1000 };
    },
    prepare: put('start.sh', '#!/bin/sh\n', 0o700),
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'EACCES',
      hint: /process\.user needs execute permission/,
    },
  },
  {
    name: 'the rootfs is on a file system mounted noexec',
    attempt: whereNothingExecutes,
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /\/bin\/true is on a/,
    },
  },
  {
    name: 'a script without its #! line',
    spec: running('/start.sh'),
    prepare: put('start.sh', 'echo hello\n'),
    davit: {
      stage: 'exec',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOEXEC',
      hint: /a script needs a/,
    },
  },
  {
    name: 'a program for another machine',
    spec: running('/server'),
    prepare: put('server', foreignElf()),
    davit: {
      stage: 'exec',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOEXEC',
      hint: /a script needs a/,
    },
  },
  {
    name: 'the interpreter of a script is not there',
    spec: running('/start.sh'),
    prepare: put('start.sh', '#!/bin/bash -e\n'),
    davit: {
      stage: 'exec',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /its interpreter "\/bin\/bash" is/,
    },
  },
  {
    name: 'a script with Windows’ ends of lines',
    spec: running('/start.sh'),
    prepare: put('start.sh', '#!/bin/sh\r\necho hello\r\n'),
    davit: {
      stage: 'exec',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /its interpreter "\/bin\/sh\\r" is/,
    },
  },
  {
    name: 'the dynamic loader of a program is not there',
    spec: running('/server'),
    prepare: put('server', elfWithLoader('/lib64/ld-linux-x86-64.so.2')),
    davit: {
      stage: 'exec',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      hint: /its interpreter "\/lib64\/ld-linux-x86-64\.so\.2" is/,
    },
  },
  {
    name: 'arguments that are too long together',
    spec: running('true', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000))),
    davit: {
      stage: 'exec',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'E2BIG',
      hint: /process\.args and process\.env together/,
    },
  },
  {
    name: 'an empty list of arguments',
    spec: running(),
    davit: { stage: 'validateConfig', field: 'process.args' },
  },
  {
    name: 'the working directory is relative',
    spec: (spec) => {
      spec.process.cwd = 'srv';
    },
    davit: { stage: 'validateConfig', field: 'process.cwd' },
  },
  {
    name: 'the working directory is a file',
    spec: (spec) => {
      spec.process.cwd = '/etc/passwd';
    },
    davit: {
      stage: 'makeWorkingDirectory',
      field: 'process.cwd',
      syscall: 'openat',
      errno: 'ENOTDIR',
      hint: /or a part of it, is/,
    },
  },
  {
    name: 'the mapped root may not enter the working directory',
    spec: (spec) => {
      spec.process.cwd = '/private/app';
      spec.linux.namespaces.push({ type: 'user' });
      spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
      spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
    },
    prepare: ({ rootfs }) => {
      mkdirSync(join(rootfs, 'private/app'), { recursive: true, mode: 0o700 });
    },
    davit: {
      stage: 'makeWorkingDirectory',
      field: 'process.cwd',
      syscall: 'mkdirat',
      errno: 'EACCES',
      hint: /process\.user, or the container's/,
    },
  },
  {
    name: 'a variable without a value',
    spec: (spec) => {
      spec.process.env!.push('DEBUG');
    },
    davit: { stage: 'validateConfig', field: 'process.env[2]' },
  },
];

export const program: Theme = { name: 'The program', mistakes };
