import type { InferredFlags } from '@oclif/core/interfaces';
import {
  CGROUPS_MODES,
  type CgroupsMode,
  NETWORK_LOCKS,
  type NetworkLock,
} from '../checkpoint/criu-numbers.ts';
import type { CriuOptions, PageServerAddress } from '../checkpoint/options.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { flag, text, texts } from './flags.ts';
import { callersPath, type Invocation } from './invocation.ts';
import { pathOf } from './launch-request.ts';

/** The flags that `checkpoint` and `restore` share. */
export const criuFlags = {
  'image-path': text("directory for criu's images ('checkpoint' unless given)"),
  'work-path': text("directory for criu's log and working files (--image-path unless given)"),
  'tcp-established': flag('allow established TCP connections'),
  'tcp-close': flag('close TCP connections'),
  'ext-unix-sk': flag('allow Unix sockets whose peer is outside of the container'),
  'shell-job': flag('allow a session or a terminal that belongs to a process outside'),
  'file-locks': flag('save and restore file locks'),
  'manage-cgroups-mode': text("what criu does with cgroups: 'soft', 'full', 'strict' or 'ignore'"),
  'network-lock': text("what stops packets meanwhile: 'iptables', 'nftables' or 'skip'"),
  'empty-ns': texts("namespace whose contents criu leaves out: 'network', which it always does"),
  'auto-dedup': flag('remove pages of memory from parent images that later images have'),
  'lazy-pages': flag('load pages of memory when they are needed, by userfaultfd'),
};

/** The options that the flags ask for. Paths are absolute. */
export function criuOptions(
  flags: InferredFlags<typeof criuFlags>,
  invocation: Invocation,
): CriuOptions {
  for (const type of flags['empty-ns'] ?? []) oneOf('--empty-ns', type, ['network']);
  const mode = flags['manage-cgroups-mode'];
  const lock = flags['network-lock'];
  return {
    imagePath: callersPath(invocation, flags['image-path'] || DEFAULT_IMAGES),
    ...pathOf(invocation)('workPath', flags['work-path']),
    tcpEstablished: flags['tcp-established'] ?? false,
    tcpClose: flags['tcp-close'] ?? false,
    externalUnixSockets: flags['ext-unix-sk'] ?? false,
    shellJob: flags['shell-job'] ?? false,
    fileLocks: flags['file-locks'] ?? false,
    autoDedup: flags['auto-dedup'] ?? false,
    lazyPages: flags['lazy-pages'] ?? false,
    ...(mode && {
      manageCgroupsMode: oneOf('--manage-cgroups-mode', mode, keysOf(CGROUPS_MODES)) as CgroupsMode,
    }),
    ...(lock && {
      networkLock: oneOf('--network-lock', lock, keysOf(NETWORK_LOCKS)) as NetworkLock,
    }),
  };
}

/** Below the working directory, as in runc. */
const DEFAULT_IMAGES = 'checkpoint';

const keysOf = (table: object): string[] => Object.keys(table);

function oneOf(name: string, value: string, expected: readonly string[]): string {
  if (expected.includes(value)) return value;
  throw new RuntimeError(
    `${name}: ${JSON.stringify(value)}: expected ${expected.map((one) => `'${one}'`).join(', ')}`,
  );
}

/** `--page-server ADDRESS:PORT`; an IPv6 address is in brackets. */
export function pageServer(value: string): PageServerAddress {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(value) ?? [];
  const [address, port] = [bracketed ?? plain, Number(digits)];
  if (address && port > 0 && port < 65536) return { address, port };
  throw new RuntimeError(
    `--page-server: ${JSON.stringify(value)}: expected ADDRESS:PORT, with a port from 1 to 65535`,
  );
}
