import type { ConfigProblem } from '../../errors/config-error.ts';
import { CAPABILITY_SETS } from '../names/capability-sets.ts';
import { IO_PRIORITY_CLASSES } from '../names/io-priority-classes.ts';
import { RLIMIT_TYPES } from '../names/rlimit-types.ts';
import type { Process, Rlimit } from '../types.ts';
import { Report } from './checks/report.ts';
import { boolean, integer, list, object, oneOf, uint16, uint32, uint64 } from './checks/shape.ts';
import { absolutePath, cpuList, environmentVariable, text } from './checks/text.ts';
import { scheduler } from './scheduler.ts';

/** All problems of a `process` object (`exec --process`). Their paths begin with `process`. */
export function validateProcess(value: unknown): ConfigProblem[] {
  const report = new Report('process');
  processShape(value, report);
  return report.problems;
}

// 4294967295 is -1, for which setresuid(2) would leave the id as it is: root's.
const id = integer(0, 2 ** 32 - 2);

const user = object({
  required: { uid: id, gid: id },
  optional: { umask: uint32, additionalGids: list(id) },
});

const rlimit = object<Rlimit>(
  { required: { type: oneOf(RLIMIT_TYPES), soft: uint64, hard: uint64 } },
  ({ soft, hard }, report) => {
    if (soft > hard) report.add(soft, `at most the hard limit, ${hard}`, 'soft');
  },
);

const rlimits = list(rlimit, (limits: Rlimit[], report) => {
  const seen = new Set<string>();
  for (const [index, { type }] of limits.entries()) {
    if (seen.has(type)) report.add(type, 'each type at most once', index, 'type');
    seen.add(type);
  }
});

const args = list(text, (values: string[], report) => {
  if (values.length === 0) report.add(values, 'at least one argument');
});

const consoleSize = object({ required: { height: uint16, width: uint16 } });

export const processShape = object<Process>(
  {
    required: { args, cwd: absolutePath },
    optional: {
      terminal: boolean,
      user,
      env: list(environmentVariable),
      capabilities: object({
        optional: Object.fromEntries(CAPABILITY_SETS.map((set) => [set, list(text)])),
      }),
      rlimits,
      noNewPrivileges: boolean,
      apparmorProfile: text,
      oomScoreAdj: integer(-1000, 1000),
      scheduler,
      selinuxLabel: text,
      ioPriority: object({
        required: { class: oneOf(IO_PRIORITY_CLASSES) },
        optional: { priority: integer(0, 7) },
      }),
      execCPUAffinity: object({ optional: { initial: cpuList, final: cpuList } }),
    },
    byRule: { consoleSize },
  },
  (process, report) => {
    // Without a terminal the size MUST be ignored (config.md).
    if (process.terminal && process.consoleSize) {
      report.check('consoleSize', process.consoleSize, consoleSize);
    }
  },
);
