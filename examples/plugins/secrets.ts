import { readFileSync } from 'node:fs';
import { definePlugin } from 'davit/plugin';

interface Options {
  /** Files of the host, by their names in /run/secrets. */
  files: Record<string, string>;
}

/** Secrets by container id, kept until init has copied them. */
const contents = new Map<string, [name: string, bytes: Buffer][]>();

/**
 * Gives secrets to the program in a tmpfs that only the program can read. They are in no image, no
 * environment and no config.json, and disappear with the container.
 *
 *     { "plugins": [{ "plugin": "./secrets.ts", "options": { "files": { "token": "/etc/app/token" } } }] }
 */
export default definePlugin<Options>({
  name: 'secrets',
  options(given) {
    const { files } = (given ?? {}) as Partial<Options>;
    if (!files) throw new Error('files: expected files of the host by name');
    return { files };
  },
  before: {
    /** Runs in the runtime, because init may not be allowed to read the files. */
    forkInit({ id, options }) {
      const read = Object.entries(options.files).map(([name, path]): [string, Buffer] => [
        name,
        readFileSync(path),
      ]);
      contents.set(id, read);
    },
  },
  after: {
    saveState: ({ id }) => void contents.delete(id),
  },
  inContainer: {
    before: {
      pivotRoot({ id, spec, mount, write }) {
        const { uid = 0, gid = 0 } = spec.process?.user ?? {};
        const options = ['nosuid', 'nodev', 'noexec', 'mode=0500', `uid=${uid}`, `gid=${gid}`];
        mount({ destination: '/run/secrets', type: 'tmpfs', source: 'tmpfs', options });
        for (const [name, bytes] of contents.get(id) ?? []) {
          write(`/run/secrets/${name}`, bytes, { mode: 0o444 });
        }
      },
    },
  },
});
