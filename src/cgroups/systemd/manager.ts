import type { Environment } from '../../config/environment.ts';
import { RuntimeError } from '../../errors/runtime-error.ts';
import { monotonicMs } from '../../syscalls/time/monotonic.ts';
import { type Bus, openBus, SYSTEMD } from './bus.ts';
import { DBusError } from './dbus/connection.ts';
import type { DBusValue, Variant } from './dbus/values.ts';
import type { UnitProperty } from './property.ts';

/** How long systemd may take to start or stop a unit, in ms: as in runc. */
const TIMEOUT_MS = 30_000;

/** Which manager: a user's (`user`) or the system's. The caller's environment names the bus. */
interface ManagerSelection {
  user: boolean;
  environment: Environment;
}

/** systemd's system manager or a user's manager: org.freedesktop.systemd1(5). */
export class Manager {
  readonly #bus: Bus;

  private constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Runs `action` with a connection, and closes the connection. */
  static with<T>({ user, environment }: ManagerSelection, action: (manager: Manager) => T): T {
    let bus: Bus;
    try {
      bus = openBus(user, environment);
    } catch (error) {
      const { message } = error as Error;
      throw new RuntimeError(
        `failed to connect to dbus: ${message}`,
        user ? 'davit needs the systemd of the user: install dbus-user-session' : undefined,
      );
    }
    try {
      return action(new Manager(bus));
    } finally {
      bus.connection.close();
    }
  }

  /** Starts a scope and waits until its processes are in it. */
  startTransientUnit(unit: string, properties: readonly UnitProperty[]): void {
    try {
      this.#explain(`unable to start unit ${quote(unit)}`, () => {
        const result = this.#startAnew(unit, properties);
        if (result !== 'done') throw new RuntimeError(`the result is "${result}"`);
      });
    } catch (error) {
      this.resetFailedUnit(unit);
      throw error;
    }
  }

  /** A failed unit of the same name may still exist: it is reset, and the start is tried again. */
  #startAnew(unit: string, properties: readonly UnitProperty[]): string {
    const start = () =>
      this.#runJob('StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, 'replace', properties, []]);
    try {
      return start();
    } catch (error) {
      if (!failedAs(error, 'UnitExists')) throw error;
      this.resetFailedUnit(unit);
      return start();
    }
  }

  /** Stops a unit, if it exists, and has systemd forget it. */
  stopUnit(unit: string): void {
    try {
      this.#explain(`unable to stop unit ${quote(unit)}`, () =>
        this.#runJob('StopUnit', 'ss', [unit, 'replace']),
      );
    } catch (error) {
      if (!failedAs((error as Error).cause, 'NoSuchUnit')) throw error;
    } finally {
      this.resetFailedUnit(unit);
    }
  }

  /** Has systemd forget a failed unit. Errors are ignored. */
  resetFailedUnit(unit: string): void {
    try {
      this.#call('ResetFailedUnit', 's', [unit]);
    } catch {
      // A unit that does not exist, or did not fail, is fine. Callers report the earlier error.
    }
  }

  /** Changes a unit until the next boot. */
  setUnitProperties(unit: string, properties: readonly UnitProperty[]): void {
    this.#explain(`unable to set properties of unit ${quote(unit)}`, () =>
      this.#call('SetUnitProperties', 'sba(sv)', [unit, true, properties]),
    );
  }

  /** Moves processes into the cgroup `subcgroup` below a unit's; `/` is the unit's own. */
  attachProcesses(unit: string, subcgroup: string, pids: readonly number[]): void {
    this.#explain(`unable to attach pid ${pids.join(', ')} to unit ${quote(unit)}`, () =>
      this.#call('AttachProcessesToUnit', 'ssau', [unit, subcgroup, pids]),
    );
  }

  /** The path of the manager's cgroup: `/user.slice/user-1000.slice/user@1000.service`. */
  controlGroup(): string {
    return this.#get(MANAGER_PATH, 'Manager', 'ControlGroup') as string;
  }

  /** The major version: 252. */
  version(): number {
    return Number(/\d+/.exec(this.#get(MANAGER_PATH, 'Manager', 'Version') as string)?.[0] ?? 0);
  }

  /** The value of a scope's property. For a scope that does not exist systemd gives the default. */
  scopeProperty(unit: string, name: string): DBusValue {
    return this.#get(`${MANAGER_PATH}/unit/${busLabel(unit)}`, 'Scope', name);
  }

  #get(path: string, type: string, name: string): DBusValue {
    const [value] = this.#bus.connection.call({
      destination: this.#bus.destination,
      path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: [`${SYSTEMD}.${type}`, name],
    });
    return (value as Variant).value;
  }

  /** Calls a method that starts a job. Returns the job's result: `done`, `failed`, `timeout` … */
  #runJob(member: string, signature: string, body: readonly DBusValue[]): string {
    const [job] = this.#call(member, signature, body);
    const deadline = monotonicMs() + TIMEOUT_MS;
    for (;;) {
      const signal = this.#bus.connection.nextSignal(deadline);
      if (signal === undefined) {
        throw new RuntimeError(`systemd did not finish ${member} within ${TIMEOUT_MS / 1000} s`);
      }
      const [, path, , result] = signal.body;
      if (signal.member === 'JobRemoved' && path === job) return result as string;
    }
  }

  #call(member: string, signature: string, body: readonly DBusValue[]): readonly DBusValue[] {
    const { connection, destination } = this.#bus;
    const address = { destination, path: MANAGER_PATH, interface: `${SYSTEMD}.Manager` };
    return connection.call({ ...address, member, signature, body });
  }

  #explain<T>(attempt: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      const { message } = error as Error;
      throw Object.assign(new RuntimeError(`${attempt}: ${message}`), { cause: error });
    }
  }
}

const MANAGER_PATH = '/org/freedesktop/systemd1';

const failedAs = (error: unknown, name: string): boolean =>
  error instanceof DBusError && error.errorName === `${SYSTEMD}.${name}`;

const quote = (unit: string): string => JSON.stringify(unit);

/** A unit's name as a part of a D-Bus object path: sd_bus_path_encode(3). */
export const busLabel = (unit: string): string =>
  unit.replace(
    /^\d|[^A-Za-z0-9]/g,
    (letter) => `_${letter.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
