import { RuntimeError } from '../../errors/runtime-error.ts';
import { monotonicMs } from '../../syscalls/time/monotonic.ts';
import { type Bus, type ManagerSelection, openBus, SYSTEMD } from './bus.ts';
import { DBusError } from './dbus/connection.ts';
import type { DBusValue, Variant } from './dbus/values.ts';
import type { UnitProperty } from './property.ts';

/** How long systemd may take to start or stop a unit, in ms: as in runc. */
const TIMEOUT_MS = 30_000;

/** systemd's system manager or a user's manager: org.freedesktop.systemd1(5). */
export class Manager {
  readonly #bus: Bus;

  private constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** Runs `action` with a connection, and closes the connection. */
  static async with<T>(
    selection: ManagerSelection,
    action: (manager: Manager) => Promise<T>,
  ): Promise<T> {
    let bus: Bus;
    try {
      bus = await openBus(selection);
    } catch (error) {
      const { message } = error as Error;
      throw new RuntimeError(
        `failed to connect to dbus: ${message}`,
        selection.user
          ? 'davit needs the systemd of the user: install dbus-user-session'
          : undefined,
      );
    }
    try {
      return await action(new Manager(bus));
    } finally {
      bus.connection.close();
    }
  }

  /** Starts a scope and waits until its processes are in it. */
  async startTransientUnit(unit: string, properties: readonly UnitProperty[]): Promise<void> {
    try {
      await this.#explain(`unable to start unit ${quote(unit)}`, async () => {
        const result = await this.#startAnew(unit, properties);
        if (result !== 'done') throw new RuntimeError(`the result is "${result}"`);
      });
    } catch (error) {
      await this.resetFailedUnit(unit);
      throw error;
    }
  }

  /** A failed unit of the same name may still exist: it is reset, and the start is tried again. */
  async #startAnew(unit: string, properties: readonly UnitProperty[]): Promise<string> {
    const start = () =>
      this.#runJob('StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, 'replace', properties, []]);
    try {
      return await start();
    } catch (error) {
      if (!failedAs(error, 'UnitExists')) throw error;
      await this.resetFailedUnit(unit);
      return await start();
    }
  }

  /** Stops a unit, if it exists, and has systemd forget it. */
  async stopUnit(unit: string): Promise<void> {
    try {
      await this.#explain(`unable to stop unit ${quote(unit)}`, () =>
        this.#runJob('StopUnit', 'ss', [unit, 'replace']),
      );
    } catch (error) {
      if (!failedAs((error as Error).cause, 'NoSuchUnit')) throw error;
    } finally {
      await this.resetFailedUnit(unit);
    }
  }

  /** Has systemd forget a failed unit. Errors are ignored. */
  async resetFailedUnit(unit: string): Promise<void> {
    try {
      await this.#call('ResetFailedUnit', 's', [unit]);
    } catch {
      // A unit that does not exist, or did not fail, is fine. Callers report the earlier error.
    }
  }

  /** Changes a unit until the next boot. */
  async setUnitProperties(unit: string, properties: readonly UnitProperty[]): Promise<void> {
    await this.#explain(`unable to set properties of unit ${quote(unit)}`, () =>
      this.#call('SetUnitProperties', 'sba(sv)', [unit, true, properties]),
    );
  }

  /** Moves processes into the cgroup `subcgroup` below a unit's; `/` is the unit's own. */
  async attachProcesses(unit: string, subcgroup: string, pids: readonly number[]): Promise<void> {
    await this.#explain(`unable to attach pid ${pids.join(', ')} to unit ${quote(unit)}`, () =>
      this.#call('AttachProcessesToUnit', 'ssau', [unit, subcgroup, pids]),
    );
  }

  /** The path of the manager's cgroup: `/user.slice/user-1000.slice/user@1000.service`. */
  async controlGroup(): Promise<string> {
    return (await this.#get(MANAGER_PATH, 'Manager', 'ControlGroup')) as string;
  }

  /** The major version: 252. */
  async version(): Promise<number> {
    const version = (await this.#get(MANAGER_PATH, 'Manager', 'Version')) as string;
    return Number(/\d+/.exec(version)?.[0] ?? 0);
  }

  /** The value of a scope's property. For a scope that does not exist systemd gives the default. */
  scopeProperty(unit: string, name: string): Promise<DBusValue> {
    return this.#get(`${MANAGER_PATH}/unit/${busLabel(unit)}`, 'Scope', name);
  }

  async #get(path: string, type: string, name: string): Promise<DBusValue> {
    const [value] = await this.#bus.connection.call({
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
  async #runJob(member: string, signature: string, body: readonly DBusValue[]): Promise<string> {
    const [job] = await this.#call(member, signature, body);
    const deadline = monotonicMs() + TIMEOUT_MS;
    for (;;) {
      const signal = await this.#bus.connection.nextSignal(deadline);
      if (signal === undefined) {
        throw new RuntimeError(`systemd did not finish ${member} within ${TIMEOUT_MS / 1000} s`);
      }
      const [, path, , result] = signal.body;
      if (signal.member === 'JobRemoved' && path === job) return result as string;
    }
  }

  #call(
    member: string,
    signature: string,
    body: readonly DBusValue[],
  ): Promise<readonly DBusValue[]> {
    const { connection, destination } = this.#bus;
    const address = { destination, path: MANAGER_PATH, interface: `${SYSTEMD}.Manager` };
    return connection.call({ ...address, member, signature, body });
  }

  async #explain<T>(attempt: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
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
