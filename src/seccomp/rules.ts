import type { SeccompOperator } from '../config/names/seccomp-operators.ts';
import type { Seccomp, SeccompArg, SeccompSyscall } from '../config/types.ts';
import { atField, FieldError } from '../errors/stage-error.ts';
import {
  type ScmpArg,
  type ScmpFilter,
  seccompResolve,
  seccompRuleAdd,
} from '../syscalls/ffi/libseccomp.ts';
import { actionValue } from './action.ts';

/** enum scmp_compare (seccomp.h of libseccomp). */
const OPERATORS: Record<SeccompOperator, number> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

/** Adds the profile's rules; names that libseccomp does not know are skipped, as in runc. */
export function addRules(filter: ScmpFilter, seccomp: Seccomp): void {
  const defaultAction = actionValue(seccomp.defaultAction, seccomp.defaultErrnoRet);
  for (const [i, rule] of (seccomp.syscalls ?? []).entries()) {
    const action = actionValue(rule.action, rule.errnoRet);
    // libseccomp refuses a rule with the default action.
    if (action === defaultAction) continue;
    atField(`linux.seccomp.syscalls[${i}]`, () => addRule(filter, rule, action));
  }
}

/** Throws where libseccomp does not know a name. */
export function checkNames({ syscalls = [] }: Seccomp): void {
  for (const [i, { names }] of syscalls.entries()) {
    for (const [j, name] of names.entries()) {
      if (seccompResolve(name) !== undefined) continue;
      throw new FieldError(
        `linux.seccomp.syscalls[${i}].names[${j}]`,
        new Error(`libseccomp does not know a system call ${JSON.stringify(name)}`),
      );
    }
  }
}

function addRule(filter: ScmpFilter, rule: SeccompSyscall, action: number): void {
  const conditions = (rule.args ?? []).map(comparison);
  for (const name of rule.names) {
    const number = seccompResolve(name);
    if (number === undefined) continue;
    if (repeatsAnArgument(conditions)) {
      // A rule can compare an argument only once. As in runc, the comparisons become alternatives.
      for (const one of conditions) seccompRuleAdd(filter, action, number, [one]);
    } else {
      seccompRuleAdd(filter, action, number, conditions);
    }
  }
}

function comparison({ index, op, value, valueTwo = 0 }: SeccompArg): ScmpArg {
  const operator = OPERATORS[op];
  if (operator === undefined) throw new Error(`string ${op} is not a valid operator for seccomp`);
  const unsigned = (number: number | bigint): bigint => BigInt.asUintN(64, BigInt(number));
  return { index, op: operator, a: unsigned(value), b: unsigned(valueTwo) };
}

const repeatsAnArgument = (args: readonly ScmpArg[]): boolean =>
  new Set(args.map(({ index }) => index)).size < args.length;
