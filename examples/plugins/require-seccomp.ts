import { definePlugin } from 'davit/plugin';

interface Options {
  /** Capabilities that no container may have. */
  never: string[];
}

/** Refuses containers without a seccomp filter or with a forbidden capability. */
export default definePlugin<Options>({
  name: 'require-seccomp',
  options(given) {
    const { never = ['CAP_SYS_ADMIN', 'CAP_SYS_MODULE'] } = (given ?? {}) as Partial<Options>;
    return { never };
  },
  validate({ process, linux }, { options }) {
    if (!linux?.seccomp) throw new Error('linux.seccomp is missing');
    const bounding = process?.capabilities?.bounding ?? [];
    const refused = options.never.filter((name) => bounding.includes(name));
    if (refused.length > 0) throw new Error(`process.capabilities: ${refused.join(', ')}`);
  },
});
