import { StageError } from './stage-error.ts';

/** When a hint is for a failure: everything named must agree. The first that does is given. */
interface Hint {
  stage?: string;
  /** Of config.json; as it begins. */
  field?: string;
  syscall?: string;
  code?: string | readonly string[];
  /** In the message. */
  says?: RegExp;
  /** What to do about it: for a person, in one line. */
  hint: string;
}

/**
 * What failures have in common, and what is to be done about them. A hint that takes a look at the
 * container is its stage's, which gives it with the error.
 */
const HINTS: readonly Hint[] = [
  // The bundle and the state directory.
  {
    stage: 'createState',
    says: /given ID already exists/,
    hint: 'choose another id, or remove that container: davit delete ID',
  },
  {
    stage: 'createState',
    code: ['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOTDIR'],
    hint: '--root, or XDG_RUNTIME_DIR, must name a directory of your own',
  },
  {
    stage: 'createState',
    code: 'ENOSPC',
    hint: 'the file system of --root is full',
  },
  // The program.
  {
    stage: 'findProgram',
    says: /^exec: "[^"]* [^"]*": stat /,
    hint: 'every argument is an entry of its own: "args": ["/bin/sh", "-c", "…"]',
  },
  {
    stage: 'findProgram',
    says: /\$PATH$/,
    hint: 'the directories of PATH in process.env are searched, in the container',
  },
  {
    stage: 'findProgram',
    says: /: stat /,
    hint: 'the path is looked up in the container: in the rootfs and its mounts',
  },
  {
    stage: 'findProgram',
    code: 'EACCES',
    hint: 'process.user needs execute permission (chmod +x), also for the directories above',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'ENOEXEC',
    hint: 'a script needs a first line such as #!/bin/sh, a binary must be built for this machine',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'ENOENT',
    hint: 'the file is there, but not what runs it: the interpreter in its #! line, or its dynamic loader',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'EPERM',
    hint: 'does linux.seccomp allow execve? has the file capabilities that the bounding set lacks?',
  },
  {
    stage: 'exec',
    syscall: 'execve',
    code: 'E2BIG',
    hint: 'process.args and process.env together are too long for execve',
  },
  {
    field: 'process.cwd',
    code: 'ENOTDIR',
    hint: 'it, or part of it, is a file in the container',
  },
  {
    field: 'process.cwd',
    code: ['EACCES', 'EPERM'],
    hint: "process.user, or the container's root, may not enter it",
  },
  {
    stage: 'enterWorkingDirectory',
    code: 'EPERM',
    hint: 'does linux.seccomp allow chdir? without process.noNewPrivileges the filter is there before that',
  },
  // Mounts.
  {
    field: 'mounts',
    syscall: 'open_tree',
    code: 'ENOENT',
    hint: 'the source is a path on the host, relative to the bundle: make it first',
  },
  {
    field: 'mounts',
    code: 'ENOTDIR',
    says: /^mount /,
    hint: 'source and destination must both be directories, or both files',
  },
  {
    field: 'mounts',
    code: 'ENOTDIR',
    hint: 'a part of the destination is a file in the rootfs',
  },
  {
    field: 'mounts',
    code: 'ELOOP',
    hint: 'symlinks of the rootfs lead in a circle there',
  },
  {
    field: 'mounts',
    code: 'EROFS',
    hint: 'make the mount point beforehand, or mount what is read-only later',
  },
  {
    field: 'mounts',
    code: 'ENODEV',
    hint: '/proc/filesystems lists the types there are; a bind mount needs the option bind or rbind',
  },
  {
    field: 'mounts',
    says: /^mount overlay /,
    hint: 'lowerdir, upperdir and workdir must be there, the last two on one file system that is no overlay',
  },
  {
    field: 'mounts',
    code: 'EPERM',
    says: /too revealing/,
    hint: "part of the host's own is covered, as in a container: bind it in place of mounting a new one",
  },
  {
    field: 'mounts',
    code: 'EPERM',
    says: /^mount proc /,
    hint: 'in a user namespace, proc takes a pid namespace in linux.namespaces',
  },
  {
    field: 'mounts',
    code: 'EPERM',
    hint: 'only the root of the host may mount it, not that of a user namespace: bind what the host has mounted',
  },
  {
    field: 'mounts',
    says: /^map the ids /,
    code: 'EINVAL',
    hint: 'the file system of the source does not support idmapped mounts',
  },
  {
    stage: 'prepareRootfs',
    code: 'EACCES',
    hint: 'the user that linux.uidMappings makes root must be able to enter every directory above (chmod +x)',
  },
  // Namespaces and ids.
  {
    stage: 'mapIds',
    says: /not installed/,
    hint: 'install it: package uidmap, or shadow-utils',
  },
  {
    stage: 'mapIds',
    says: /\/etc\/sub[ug]id/,
    hint: 'root can give you ranges: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER',
  },
  {
    stage: 'sysctl',
    code: 'ENOENT',
    hint: 'the kernel has no such sysctl in this namespace: misspelt, or a module that is not loaded',
  },
  {
    stage: 'sysctl',
    code: ['EINVAL', 'ERANGE'],
    hint: 'the kernel does not take that value',
  },
  {
    stage: 'moveNetDevices',
    code: 'ENODEV',
    hint: "ip link lists the host's network devices",
  },
  // Confinement.
  {
    field: 'linux.seccomp.listenerPath',
    hint: 'the seccomp agent must listen there before the container is created',
  },
  {
    field: 'process.apparmorProfile',
    code: 'ENOENT',
    hint: 'no such profile is loaded: apparmor_parser --replace FILE loads it, aa-status lists those there are',
  },
  {
    field: 'process.apparmorProfile',
    code: ['EACCES', 'EPERM'],
    hint: 'the profile that davit itself runs under does not let it change to that one',
  },
  {
    field: 'process.apparmorProfile',
    says: /not supported/,
    hint: 'leave the profile out, or boot the host with AppArmor',
  },
  {
    field: 'process.selinuxLabel',
    code: 'EINVAL',
    hint: "the host's policy has no such context: USER:ROLE:TYPE:LEVEL, such as system_u:system_r:container_t:s0:c1,c2",
  },
  {
    field: 'linux.devices',
    code: 'ENOENT',
    hint: 'in a user namespace devices are bound from the host, which needs to have them',
  },
  {
    field: 'process.rlimits',
    code: 'EPERM',
    hint: 'above the own hard limit only root of the host may go, and with files nobody above fs.nr_open',
  },
  {
    field: 'process.oomScoreAdj',
    code: 'EACCES',
    hint: "only root of the host may set it below davit's own",
  },
  {
    stage: 'setMemoryPolicy',
    code: 'EINVAL',
    hint: '/sys/devices/system/node/online lists the nodes there are',
  },
  // Resources.
  {
    says: /could not join or create cgroup/,
    hint: 'its controller is not mounted, or its cgroup not delegated to you',
  },
  {
    stage: 'attachCgroup',
    code: 'EINVAL',
    says: /^write \S+ to \S*\/cpu(,cpuacct)?\//,
    hint: 'davit runs with a real-time policy, which its cgroup has no time for: set linux.resources.cpu.realtimeRuntime, or leave out chrt',
  },
  {
    stage: 'setScheduler',
    code: 'EPERM',
    hint: 'a real-time policy takes CAP_SYS_NICE and, on cgroup v1, linux.resources.cpu.realtimeRuntime',
  },
  {
    field: 'linux.resources.devices',
    code: 'EPERM',
    hint: 'the cgroup above does not allow it: that of the container davit runs in, for one',
  },
  {
    field: 'linux.resources.cpu.cpus',
    hint: 'cpuset.cpus of the cgroup above lists the CPUs there are',
  },
  {
    field: 'linux.resources.cpu.mems',
    hint: 'cpuset.mems of the cgroup above lists the nodes there are',
  },
  {
    field: 'linux.resources.cpu',
    code: 'EINVAL',
    hint: 'a period is 1000 to 1000000 microseconds, a quota at least 1000',
  },
  {
    says: /cgroup is not empty/,
    hint: 'another container has it: leave linux.cgroupsPath out, or make it unique',
  },
  {
    says: /systemd not running/,
    hint: 'leave out --systemd-cgroup: the cgroup driver of the engine must be cgroupfs',
  },
  {
    stage: 'createCgroup',
    code: ['EACCES', 'EPERM', 'EROFS'],
    hint: 'leave out linux.cgroupsPath, or name a cgroup that is delegated to you',
  },
  // Hooks.
  {
    field: 'hooks.startContainer',
    code: 'ENOENT',
    hint: 'startContainer hooks are looked up in the container, not on the host',
  },
  {
    field: 'hooks',
    code: 'ENOENT',
    hint: 'the path is looked up on the host; is the interpreter in its #! line there?',
  },
  {
    field: 'hooks',
    code: ['EACCES', 'ENOEXEC'],
    hint: 'a hook is a program: chmod +x, and a first line such as #!/bin/sh in a script',
  },
];

/** What to do about a failure: what was thrown with it, or what {@link HINTS} know of its like. */
export function hintOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('hint' in error && typeof error.hint === 'string') return error.hint;
  if (error instanceof StageError) return HINTS.find((hint) => isFor(hint, error))?.hint;
  const [first] = error instanceof AggregateError ? error.errors : [error.cause];
  return first === undefined ? undefined : hintOf(first);
}

function isFor(hint: Hint, { stage, configPath = '', syscall, code = '', reason }: StageError) {
  return (
    (hint.stage ?? stage) === stage &&
    configPath.startsWith(hint.field ?? '') &&
    (hint.syscall ?? syscall) === syscall &&
    [hint.code ?? code].flat().includes(code) &&
    (hint.says?.test(reason) ?? true)
  );
}
