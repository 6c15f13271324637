import type { ConfigProblem } from '../../errors/config-error.ts';
import type { Spec } from '../types.ts';
import { Report } from '../validate/checks/report.ts';
import { checkRootless } from '../validate/rootless.ts';
import { checkCgroups } from './cgroups.ts';
import { checkNamespaces } from './namespaces.ts';
import { checkResctrl } from './resctrl.ts';
import { checkRootfs } from './rootfs.ts';
import { checkSelinux } from './selinux.ts';
import { checkSupport } from './support.ts';

/**
 * Everything in a valid `spec` that this davit, this host or this user cannot do. Only looks, and
 * makes nothing.
 * @param bundle absolute path; `root.path` is relative to it.
 */
export function checkHost(spec: Spec, bundle: string): ConfigProblem[] {
  const report = new Report();
  checkSupport(spec, report);
  checkRootfs(spec, bundle, report);
  checkNamespaces(spec, report);
  checkCgroups(spec, report);
  checkSelinux(spec, report);
  checkResctrl(spec, report);
  if (process.geteuid!() !== 0) checkRootless(spec, report);
  return report.problems;
}
