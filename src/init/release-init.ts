import { closeSync, writeSync } from 'node:fs';
import { hostArch } from '../machine/assembler.ts';
import { ADDRESSES, FDS } from '../machine/release/data.ts';
import { releaseProgram } from '../machine/release/release.ts';
import { setCloseOnExec } from '../syscalls/files/fcntl.ts';
import { memfdCreate, memfdCreateExecutable, sealForEver } from '../syscalls/files/memfd.ts';
import type { ReplacementProgram } from '../syscalls/switch/switch.ts';
import { execFd } from '../syscalls/task/exec.ts';
import type { RuntimeChannel } from './channel/channel.ts';
import { cString } from './trampoline/blob.ts';
import { BlobArea } from './trampoline/blob-area.ts';
import { BASE_ADDRESS, elf64, HEADERS_SIZE } from './trampoline/elf.ts';
import { inheritStdio } from './trampoline/inherit-fds.ts';

/** The inputs of the program that releases init (machine/release). */
export interface Release {
  /** The connection to the init that waits for its turn. */
  channel: RuntimeChannel;
  /** The last message that init waits for. */
  turn: Buffer;
  /** A file that gets the report of a program that could not be executed. */
  failure: number;
  /** The program that goes on where the container's program could not be executed. */
  replacement: ReplacementProgram;
}

/** Makes the file for {@link Release.failure}. */
export const failureFile = (): number => memfdCreate('davit');

/** Writes the release program to a sealed file; returns its fd. */
export function prepareRelease(release: Release): number {
  const { channel, turn, failure, replacement } = release;
  const { code, labels } = releaseProgram(hostArch());
  const blobs = new BlobArea(BASE_ADDRESS + HEADERS_SIZE + code.length);
  const addresses = {
    path: blobs.add(cString(replacement.path)),
    argv: blobs.add({ strings: replacement.argv }),
    envp: blobs.add({ strings: replacement.env }),
    turn: blobs.add({ bytes: turn }),
    turnLength: turn.length,
  };
  const fds = { input: channel.fd, output: channel.out, failure };
  for (const name of ADDRESSES) code.writeUInt32LE(addresses[name], labels[name]);
  for (const name of FDS) code.writeInt32LE(fds[name], labels[name]);
  const image = elf64(hostArch(), code, blobs.bytes);
  const file = memfdCreateExecutable('davit');
  for (let written = 0; written < image.length; ) written += writeSync(file, image, written);
  sealForEver(file);
  return file;
}

/** Executes the release program in this process. After a failure, fds are close-on-exec again. */
export function becomeRelease(file: number, { channel, failure }: Release): void {
  const inherited = [channel.fd, channel.out, failure];
  inheritStdio();
  for (const fd of inherited) setCloseOnExec(fd, false);
  try {
    execFd(file, ['davit', 'start']);
  } finally {
    for (const fd of [0, 1, 2, ...inherited]) setCloseOnExec(fd, true);
    closeSync(file);
  }
}
