import type { LinuxResources } from '../config/types.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { byteSize } from './values/byte-size.ts';

/** `update`'s flags by name, as given. */
interface ResourceFlags {
  'blkio-weight'?: string | undefined;
  'cpu-period'?: string | undefined;
  'cpu-quota'?: string | undefined;
  'cpu-burst'?: string | undefined;
  'cpu-share'?: string | undefined;
  'cpu-rt-period'?: string | undefined;
  'cpu-rt-runtime'?: string | undefined;
  'cpu-idle'?: string | undefined;
  'cpuset-cpus'?: string | undefined;
  'cpuset-mems'?: string | undefined;
  'kernel-memory'?: string | undefined;
  'kernel-memory-tcp'?: string | undefined;
  memory?: string | undefined;
  'memory-reservation'?: string | undefined;
  'memory-swap'?: string | undefined;
  'pids-limit'?: string | undefined;
  'l3-cache-schema'?: string | undefined;
  'mem-bw-schema'?: string | undefined;
}

/** The resources that `update`'s flags ask for. */
export function resourcesOf(flags: ResourceFlags): LinuxResources {
  refuseRdt(flags);
  const count = (name: keyof ResourceFlags) => parsed(flags, name, unsigned);
  const signed = (name: keyof ResourceFlags) => parsed(flags, name, integer);
  const size = (name: keyof ResourceFlags) => parsed(flags, name, memorySize);
  const weight = signed('blkio-weight');
  const idle = signed('cpu-idle');
  return withoutAbsent({
    blockIO: { weight: weight === undefined ? undefined : Number(weight) },
    cpu: {
      shares: count('cpu-share'),
      period: count('cpu-period'),
      quota: signed('cpu-quota'),
      burst: count('cpu-burst'),
      realtimePeriod: count('cpu-rt-period'),
      realtimeRuntime: signed('cpu-rt-runtime'),
      idle: idle === undefined ? undefined : Number(idle),
      cpus: flags['cpuset-cpus'] || undefined,
      mems: flags['cpuset-mems'] || undefined,
    },
    memory: {
      limit: size('memory'),
      swap: size('memory-swap'),
      reservation: size('memory-reservation'),
      kernel: size('kernel-memory'),
      kernelTCP: size('kernel-memory-tcp'),
    },
    pids: { limit: signed('pids-limit') },
  });
}

/** A flag's parsed value. An empty value counts as not given, as in runc. */
function parsed<T>(
  flags: ResourceFlags,
  name: keyof ResourceFlags,
  parse: (text: string) => T,
): T | undefined {
  const value = flags[name];
  if (!value) return undefined;
  try {
    return parse(value);
  } catch (error) {
    throw new RuntimeError(`invalid value for ${name}: ${(error as Error).message}`);
  }
}

function unsigned(text: string): bigint {
  if (!/^\d+$/.test(text))
    throw new RuntimeError(`expected a whole number, found ${JSON.stringify(text)}`);
  return BigInt(text);
}

function integer(text: string): bigint {
  if (!/^[-+]?\d+$/.test(text))
    throw new RuntimeError(`expected an integer, found ${JSON.stringify(text)}`);
  return BigInt(text.replace('+', ''));
}

const memorySize = (text: string): bigint => (text === '-1' ? -1n : byteSize(text));

function withoutAbsent(resources: Record<string, Record<string, unknown>>): LinuxResources {
  const present = (fields: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return Object.fromEntries(
    Object.entries(resources).map(([name, fields]) => [name, present(fields)]),
  );
}

function refuseRdt(flags: ResourceFlags): void {
  if (flags['l3-cache-schema'])
    throw new RuntimeError('Intel RDT/CAT: l3 cache schema is not enabled');
  if (flags['mem-bw-schema'])
    throw new RuntimeError('Intel RDT/MBA: memory bandwidth schema is not enabled');
}
