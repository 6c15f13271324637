import { hasNamespace } from '../has-namespace.ts';
import type { Mount, Spec } from '../types.ts';
import type { Report } from './checks/report.ts';
import { checkCrunAnnotations } from './crun-annotations.ts';
import { checkLandlock } from './landlock.ts';
import { checkListener } from './seccomp.ts';
import { checkSysctls } from './sysctls.ts';
import { checkTraceEnvironment } from './trace-environment.ts';
import { checkUserNamespace } from './user-namespace.ts';

/** A contradiction between parts of a configuration. */
interface Rule {
  /** The fields that the rule reads. If one of them is invalid by itself, the rule is skipped. */
  reads: string[];
  check(spec: Spec, report: Report): void;
}

const RULES: Rule[] = [
  { reads: ['hostname', 'domainname', 'linux.namespaces'], check: checkUts },
  { reads: ['linux.maskedPaths', 'linux.readonlyPaths', 'linux.namespaces'], check: checkMount },
  { reads: ['linux.timeOffsets', 'linux.namespaces'], check: checkTime },
  { reads: ['linux.netDevices', 'linux.namespaces'], check: checkNetDevices },
  { reads: ['linux.sysctl', 'linux.namespaces'], check: checkSysctls },
  {
    reads: ['linux.uidMappings', 'linux.gidMappings', 'linux.namespaces', 'process.user'],
    check: checkUserNamespace,
  },
  { reads: ['mounts', 'linux.namespaces'], check: checkIdmap },
  { reads: ['annotations', 'process.noNewPrivileges'], check: checkLandlock },
  { reads: ['annotations'], check: checkTraceEnvironment },
  { reads: ['annotations'], check: checkCrunAnnotations },
  { reads: ['annotations', 'linux.seccomp'], check: checkListener },
];

/** Adds the contradictions in `spec`. Its fields must have been checked one by one before. */
export function checkRules(spec: unknown, report: Report): void {
  const broken = report.problems.map(({ path }) => path);
  for (const { reads, check } of RULES) {
    if (!broken.some((path) => reads.some((read) => overlap(path, read)))) {
      check(spec as Spec, report);
    }
  }
}

function overlap(path: string, read: string): boolean {
  if (path === '$') return true;
  const [short, long] = path.length < read.length ? [path, read] : [read, path];
  return long.startsWith(short) && /^([.[]|$)/.test(long.slice(short.length));
}

function checkUts({ hostname, domainname, linux }: Spec, report: Report): void {
  if (hasNamespace(linux, 'uts')) return;
  const needed = 'a uts namespace in linux.namespaces';
  if (hostname) report.add(hostname, `no hostname, or ${needed}`, 'hostname');
  if (domainname) report.add(domainname, `no domainname, or ${needed}`, 'domainname');
}

function checkMount({ linux }: Spec, report: Report): void {
  if (!linux || hasNamespace(linux, 'mount')) return;
  for (const field of ['maskedPaths', 'readonlyPaths'] as const) {
    if (!linux[field]?.length) continue;
    report.add(linux[field], 'no paths, or a mount namespace in linux.namespaces', 'linux', field);
  }
}

function checkTime({ linux }: Spec, report: Report): void {
  const offsets = linux?.timeOffsets ?? {};
  if (Object.keys(offsets).length === 0) return;
  const time = linux?.namespaces?.find(({ type }) => type === 'time');
  if (!time) {
    const expected = 'no offsets, or a time namespace in linux.namespaces';
    report.add(offsets, expected, 'linux', 'timeOffsets');
  } else if (time.path) {
    const expected = `no offsets, as the time namespace ${time.path} is joined`;
    report.add(offsets, expected, 'linux', 'timeOffsets');
  }
}

function checkNetDevices({ linux }: Spec, report: Report): void {
  const devices = linux?.netDevices ?? {};
  if (Object.keys(devices).length === 0 || hasNamespace(linux, 'network')) return;
  const expected = 'no devices, or a network namespace in linux.namespaces';
  report.add(devices, expected, 'linux', 'netDevices');
}

/** `idmap` without mappings of the mount uses the container's. */
function checkIdmap({ mounts, linux }: Spec, report: Report): void {
  if (!mounts || hasNamespace(linux, 'user')) return;
  for (const [index, mount] of mounts.entries()) {
    if (mount.uidMappings?.length || !isIdmapped(mount)) continue;
    const expected = 'uidMappings and gidMappings, or a user namespace in linux.namespaces';
    report.add(mount.options, expected, 'mounts', index, 'options');
  }
}

function isIdmapped({ options = [] }: Mount): boolean {
  return options.includes('idmap') || options.includes('ridmap');
}
