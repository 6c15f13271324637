import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITY_SETS } from '../../src/config/names/capability-sets.ts';
import { HOOK_NAMES } from '../../src/config/names/hook-names.ts';
import { FIELD_NOTES, type FieldNote } from './field-notes.ts';

/*
 * `npm run generate` writes docs/reference/fields.md: the fields are those of
 * src/config/types.ts, what there is to say of them is in field-notes.ts.
 */

const root = join(import.meta.dirname, '../..');
export const FIELDS_FILE = join(root, 'docs/reference/fields.md');

const INTRODUCTION = `# The fields of config.json

Made by \`npm run generate\` of types.ts, and checked by a test: what runtime-spec 1.3 has
of Linux, since which of its versions, and which stage of davit applies it (\`davit stages\`). A value
that davit or the host cannot honour is an error of \`validateConfig\` with the field's path, not left
out in silence. \`enableCMT\` and \`enableMBM\` of \`linux.intelRdt\`, which 1.3 no longer has, are
ignored as unknown fields are. So are, with a warning, names of capabilities that the kernel or davit does
not know. \`linux.resources.unified\` is for hosts with cgroup v2 and an error on others. Limits of huge
pages, AppArmor profiles and SELinux labels are tested in VMs whose kernels have what they take (\`npm run
test:vm\`).

Two annotations are davit's own. \`org.davit.trace-environment\`, where it is \`true\`, gives the
container's programs the trace they are part of: TRACEPARENT, TRACESTATE and the caller's BAGGAGE.
\`org.davit.landlock\` holds JSON of the shape that runtime-spec's proposal for Landlock has (pull
request 1241):
\`{"ruleset": {"handledAccessFS": ["read_file"]}, "rules": {"pathBeneath": [{"allowedAccess":
["read_file"], "paths": ["/etc"]}]}, "disableBestEffort": false}\`. Beyond files, which are all that the
proposal has, \`ruleset\` takes \`"handledAccessNet": ["bind_tcp", "connect_tcp"]\`, with rules
\`"netPort": [{"allowedAccess": ["connect_tcp"], "ports": [443]}]\`, and \`"scoped":
["abstract_unix_socket", "signal"]\`. It takes \`process.noNewPrivileges\`. Rights younger than the kernel are left out, or an error with
\`disableBestEffort\`; a kernel without Landlock is always one.

Of [crun's annotations](https://github.com/containers/crun/blob/main/crun.1.md#extensions-to-oci) davit has
those that Podman, Buildah and their users set:

| Annotation | Value | |
| --- | --- | --- |
| \`run.oci.keep_original_groups\` | \`1\` or \`0\` | the caller's supplementary groups stay, in place of \`process.user.additionalGids\`: \`podman run --group-add keep-groups\` |
| \`run.oci.mount_context_type\` | \`context\`, \`fscontext\`, \`defcontext\`, \`rootcontext\` | the mount option that \`linux.mountLabel\` is given by: \`podman run --security-opt label=nested\` |
| \`run.oci.hooks.stdout\`, \`run.oci.hooks.stderr\` | a file | is appended to by hooks; a relative one is below the bundle |
| \`run.oci.seccomp.receiver\` | a socket | as \`linux.seccomp.listenerPath\`, which comes first |
| \`run.oci.seccomp_fail_unknown_syscall\` | \`1\` or \`0\` | names in \`linux.seccomp.syscalls\` that libseccomp does not know are an error |
| \`run.oci.delegate-cgroup\` | a path | the container is in that cgroup below its own, which keeps the limits and is the root of its cgroup namespace, and may divide it further; cgroup v2 |
| \`run.oci.pidfd_receiver\` | a socket | as \`--pidfd-socket\`, which comes first |

Podman gives a container the annotations of its image, these too, whichever runtime it has: as with crun, one
can have the groups of whoever called Podman kept, and what hooks print appended to a file of the host.

Others of crun's are ignored with a warning (\`seccomp.plugins\`, \`systemd.force_cgroup_v1\`, \`systemd.subgroup\`,
\`timens_offset\`), or refused where they confine the container (\`handler\`, \`seccomp_bpf_data\`).

And of its mount options, those of bind mounts: \`copy-symlink\` makes a source that is a symlink at the destination
(\`podman run --mount …,no-dereference\`), \`src-nofollow\` mounts the symlink itself, \`dest-nofollow\` mounts on a
symlink; \`idmap=uids=0-1000-1;gids=0-1000-1\` is \`idmap\` with \`uidMappings\` and \`gidMappings\` (first id in the file
system, first on the host, how many; more ranges behind a \`#\`; behind an \`@\` the second is an id of the container).

| Field | Since | Supported | Stages |
| --- | --- | --- | --- |
`;

/** Every field of config.json that types.ts has, as paths, depth first. */
export function fieldPaths(): string[] {
  return pathsOf('Spec', '', interfaces(readFileSync(join(root, 'src/config/types.ts'), 'utf8')));
}

type Interfaces = Map<string, readonly (readonly [name: string, type: string])[]>;

function interfaces(source: string): Interfaces {
  const found: Interfaces = new Map();
  for (const [, name, body] of source.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms)) {
    const fields = [...body!.matchAll(/^ {2}(\w+)\??: (.*);$/gm)];
    found.set(
      name!,
      fields.map(([, field, type]) => [field!, type!]),
    );
  }
  // Types that are made of lists of names.
  found.set(
    'Hooks',
    HOOK_NAMES.map((name) => [name, 'Hook[]'] as const),
  );
  found.set(
    'Capabilities',
    CAPABILITY_SETS.map((name) => [name, 'string[]'] as const),
  );
  return found;
}

function pathsOf(type: string, at: string, all: Interfaces): string[] {
  const map = /^Record<string, (\w+)>$/.exec(type)?.[1];
  if (map) return pathsOf(map, `${at}.*`, all);
  if (type.endsWith('[]')) return pathsOf(type.slice(0, -2), `${at}[]`, all);
  return (all.get(type) ?? []).flatMap(([name, inner]) => {
    const path = at ? `${at}.${name}` : name;
    return [path, ...pathsOf(inner, path, all)];
  });
}

/** What holds for a field: its own note over those of the fields it is in. */
function noteOf(path: string): FieldNote {
  const parent = path.replace(/(\[\]|\.\*)?\.?[^.[\]]+$/, '').replace(/(\[\]|\.\*)$/, '');
  const outer: FieldNote = parent && parent !== path ? noteOf(parent) : {};
  const { partly: _, ...inherited } = outer;
  return { ...inherited, ...(FIELD_NOTES[path] ?? FIELD_NOTES[`${path}[]`]) };
}

const row = (path: string): string => {
  const { since = '1.0.0', partly, stages = [] } = noteOf(path);
  return `| \`${path}\` | ${since} | ${partly ? `partly: ${partly}` : 'yes'} | ${stages.join(', ')} |\n`;
};

export const fieldsTable = (): string => INTRODUCTION + fieldPaths().map(row).join('');

if (import.meta.main) writeFileSync(FIELDS_FILE, fieldsTable());
