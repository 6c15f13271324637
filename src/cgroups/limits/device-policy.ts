import type { DeviceRule } from '../../config/types.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { atField } from '../../errors/stage-error.ts';

// linux/bpf.h, BPF_DEVCG_ACC_*. The v1 controller's letters m, r and w mean the same.
const ACCESS_MKNOD = 1;
const ACCESS_READ = 2;
const ACCESS_WRITE = 4;
export const ACCESS_ALL = ACCESS_MKNOD | ACCESS_READ | ACCESS_WRITE;

/** Any major or minor number. */
export const WILDCARD = -1;

/** Devices of one type, and the access (bits of ACCESS_*) that is granted or refused to them. */
export interface DeviceException {
  type: 'b' | 'c';
  major: number;
  minor: number;
  access: number;
}

/**
 * The devices that may be used: all except the exceptions, or only the exceptions. The kernel's v1
 * controller has the same structure (security/device_cgroup.c). The v2 program is made from it.
 */
export class DevicePolicy {
  defaultAllow = false;
  readonly #exceptions = new Map<string, DeviceException>();

  /** The policy of the rules in linux.resources.devices, in order, then of the rules `always`. */
  static of(rules: readonly DeviceRule[], always: readonly DeviceRule[] = []): DevicePolicy {
    const policy = new DevicePolicy();
    for (const [index, rule] of rules.entries()) {
      atField(`linux.resources.devices[${index}]`, () => policy.add(rule));
    }
    for (const rule of always) policy.add(rule);
    return policy;
  }

  /** Sorted by major, minor and type, as runc writes them. */
  get exceptions(): DeviceException[] {
    return [...this.#exceptions.values()].sort(
      (a, b) => a.major - b.major || a.minor - b.minor || (a.type < b.type ? -1 : 1),
    );
  }

  add({ allow, type = 'a', major = WILDCARD, minor = WILDCARD, access = '' }: DeviceRule): void {
    if (type === 'a') {
      this.defaultAllow = allow;
      this.#exceptions.clear();
      return;
    }
    const exception = { type, major, minor, access: accessBits(access) };
    if (allow === this.defaultAllow) this.#remove(exception);
    else this.#put({ ...exception, access: exception.access | this.accessOf(exception) });
  }

  /** The access in the exception for exactly these devices; 0 without an exception. */
  accessOf(devices: DeviceException): number {
    return this.#exceptions.get(keyOf(devices))?.access ?? 0;
  }

  equals(other: DevicePolicy): boolean {
    return (
      this.defaultAllow === other.defaultAllow &&
      this.#exceptions.size === other.#exceptions.size &&
      [...this.#exceptions.values()].every((one) => other.accessOf(one) === one.access)
    );
  }

  #put(exception: DeviceException): void {
    if (exception.access === 0) this.#exceptions.delete(keyOf(exception));
    else this.#exceptions.set(keyOf(exception), exception);
  }

  #remove(exception: DeviceException): void {
    const { type, major, minor, access } = exception;
    for (const [wideMajor, wideMinor] of [
      [WILDCARD, minor],
      [major, WILDCARD],
      [WILDCARD, WILDCARD],
    ] as const) {
      if (wideMajor === major && wideMinor === minor) continue;
      const wide = this.#exceptions.get(
        keyOf({ type, major: wideMajor, minor: wideMinor, access }),
      );
      // The kernel would silently ignore such a rule, and the device would stay usable.
      if (wide !== undefined && (wide.access & access) !== 0) {
        throw new RuntimeError(
          `rule ${formatException(exception)} not supported by the devices cgroup: cannot punch a hole in the wildcard rule ${formatException(wide)}`,
        );
      }
    }
    this.#put({ ...exception, access: this.accessOf(exception) & ~access });
  }
}

const keyOf = ({ type, major, minor }: DeviceException): string => `${type} ${major}:${minor}`;

/** The syntax of devices.allow, devices.deny and devices.list: `c 1:3 rwm`, `b *:* m`. */
export function formatException({ type, major, minor, access }: DeviceException): string {
  const number = (value: number) => (value === WILDCARD ? '*' : value);
  return `${type} ${number(major)}:${number(minor)} ${accessLetters(access)}`;
}

/** `rwm`, or fewer of them. */
export const accessLetters = (access: number): string =>
  (access & ACCESS_READ ? 'r' : '') +
  (access & ACCESS_WRITE ? 'w' : '') +
  (access & ACCESS_MKNOD ? 'm' : '');

/** Bits of a rule's `access`: `rwm`. */
function accessBits(access: string): number {
  if (access === '') throw new RuntimeError('device access field cannot be empty');
  let bits = 0;
  for (const letter of access) {
    if (letter === 'r') bits |= ACCESS_READ;
    else if (letter === 'w') bits |= ACCESS_WRITE;
    else if (letter === 'm') bits |= ACCESS_MKNOD;
    else if (letter !== 'a')
      throw new RuntimeError(`unknown device access ${JSON.stringify(letter)}`);
  }
  return bits;
}
