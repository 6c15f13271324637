import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type CommandOptions, type Result, runCommand } from '../../support/command.ts';
import { patience } from '../../support/patience.ts';
import { cgroupsNamed } from '../../support/run/leftovers.ts';
import { waitFor } from '../../support/wait-for.ts';

/*
 * Engines leave a lot behind: bridges, iptables rules, locks, mounts, directories of unmounted
 * cgroup controllers. So each engine runs in its own mount, network and PID namespaces. There, what
 * it writes outside of its directory goes to a tmpfs. The namespaces end with one process.
 */
const SETUP = `
set -e
if [ "$(stat -fc %T /sys/fs/cgroup)" = tmpfs ]; then
  mount -t tmpfs none /mnt
  for hierarchy in /sys/fs/cgroup/*; do
    mountpoint -q $hierarchy || continue
    mkdir /mnt/\${hierarchy##*/}
    mount --bind $hierarchy /mnt/\${hierarchy##*/}
  done
  mount --move /mnt /sys/fs/cgroup
fi
for directory in /run /dev/shm /var/lib/cni /etc/docker /etc/containers/networks; do
  [ ! -d $directory ] || mount -t tmpfs none $directory
done
for file in /etc/subuid /etc/subgid; do
  echo daemon:100000:65536 >"$1.ids"
  [ ! -e $file ] || mount --bind "$1.ids" $file
done
ip link set lo up
touch "$1"
# As the init of the PID namespace, it reaps what a killed shim leaves.
while :; do sleep 60 & wait $!; done
`;

/** The namespaces for one engine, and its directory. */
export class Enclosure {
  readonly dir: string;
  /** Part of the names of the engine's cgroups, by which {@link end} finds them. */
  readonly name: string;
  /** Variables for everything that runs inside. */
  readonly environment: Record<string, string> = {};
  readonly #holder: ReturnType<typeof spawn>;
  #init = '';

  private constructor() {
    this.dir = mkdtempSync(join(tmpdir(), 'engine-'));
    // With remapped ids, root of a container must be able to traverse it.
    chmodSync(this.dir, 0o755);
    this.name = `${basename(tmpdir())}-${basename(this.dir)}`;
    const namespaces = ['--mount', '--net', '--pid', '--fork', '--mount-proc', '--kill-child'];
    this.#holder = spawn(
      'unshare',
      [...namespaces, '--propagation', 'private', 'sh', '-c', SETUP, 'sh', this.#ready],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  }

  static async open(): Promise<Enclosure> {
    const enclosure = new Enclosure();
    await waitFor(() => existsSync(enclosure.#ready));
    const { pid } = enclosure.#holder;
    enclosure.#init = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return enclosure;
  }

  get #ready(): string {
    return join(this.dir, 'ready');
  }

  /** Runs a shell script in the namespaces. */
  run(script: string, options: CommandOptions = {}): Result {
    const env = { HOME: this.dir, ...this.environment, ...options.env };
    const inside = ['-t', this.#init, '-m', '-n', '-p', '--', 'sh', '-c', script];
    return runCommand('nsenter', inside, { timeout: 50_000, ...options, env });
  }

  write(name: string, text: string): string {
    const path = join(this.dir, name);
    writeFileSync(path, text);
    return path;
  }

  /**
   * Kills the PID namespace's init, and so every process inside, and removes their cgroups and
   * files.
   */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#holder.once('exit', resolve));
    this.#holder.kill('SIGKILL');
    await ended;
    await waitFor(() => !existsSync(`/proc/${this.#init}`));
    await removeCgroups(this.name);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Removes the innermost cgroups first. A cgroup is busy until its last process is reaped. */
async function removeCgroups(name: string): Promise<void> {
  const deadline = Date.now() + patience(5000);
  for (;;) {
    const left = cgroupsNamed(name).reverse();
    for (const directory of left) removeTree(directory);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`cgroups are left: ${left.join(', ')}`);
    await setTimeout(20);
  }
}

function removeTree(directory: string): void {
  const { stdout } = runCommand('find', [directory, '-depth', '-type', 'd']);
  for (const path of stdout.split('\n').filter(Boolean)) {
    try {
      rmdirSync(path);
    } catch {
      // The cgroup is busy or already gone: the caller tries again.
    }
  }
}
