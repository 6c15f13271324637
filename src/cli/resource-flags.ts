import { string } from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import type { LinuxResources } from '../config/types.ts';
import { RuntimeError } from '../errors/runtime-error.ts';
import { text } from './flags.ts';
import { byteSize } from './values/byte-size.ts';

const obsolete = () => string({ hidden: true, description: 'obsolete and ignored' });

/** The flags of `update` that change limits. */
export const resourceFlags = {
  'blkio-weight': text('block I/O weight, 10 to 1000'),
  'cpu-period': text('CPU period of the quota, in microseconds; 0 for the default'),
  'cpu-quota': text('CPU time allowed in a period, in microseconds'),
  'cpu-burst': text('CPU time beyond the quota that may be saved up, in microseconds'),
  'cpu-share': text('CPU shares, relative to those of other containers'),
  'cpu-rt-period': text('CPU period of realtime processes, in microseconds'),
  'cpu-rt-runtime': text('CPU time of realtime processes in a period, in microseconds'),
  'cpu-idle': text('1 makes the container SCHED_IDLE, 0 undoes it'),
  'cpuset-cpus': text('CPUs to run on, such as 0-3,7'),
  'cpuset-mems': text('memory nodes to use'),
  'kernel-memory': obsolete(),
  'kernel-memory-tcp': obsolete(),
  memory: text('limit on memory, in bytes or with a unit; -1 for none'),
  'memory-reservation': text('memory that is left to the container when it gets scarce'),
  'memory-swap': text('limit on memory and swap together; -1 for none'),
  'pids-limit': text('limit on the number of processes; -1 for none'),
  'l3-cache-schema': text('Intel RDT/CAT L3 cache schema'),
  'mem-bw-schema': text('Intel RDT/MBA memory bandwidth schema'),
};

type ResourceFlags = InferredFlags<typeof resourceFlags>;

/** The resources that `update`'s flags ask for. */
export function resourcesOf(flags: ResourceFlags): LinuxResources {
  refuseRdt(flags);
  const count = (name: keyof typeof resourceFlags) => parsed(flags, name, unsigned);
  const signed = (name: keyof typeof resourceFlags) => parsed(flags, name, integer);
  const size = (name: keyof typeof resourceFlags) => parsed(flags, name, memorySize);
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
  name: keyof typeof resourceFlags,
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
