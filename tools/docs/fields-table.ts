import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITY_SETS } from '../../src/config/names/capability-sets.ts';
import { HOOK_NAMES } from '../../src/config/names/hook-names.ts';
import { FIELD_NOTES, type FieldNote } from './field-notes.ts';

/*
 * `npm run generate` writes docs/reference/fields.md from the fields in src/config/types.ts and the
 * notes in field-notes.ts.
 */

const root = join(import.meta.dirname, '../..');
export const FIELDS_FILE = join(root, 'docs/reference/fields.md');

const INTRODUCTION = `# The fields of config.json

\`npm run generate\` makes this page from types.ts, and a test checks it. It lists the fields of
runtime-spec 1.3 for Linux, the version of the spec that added each, and the stage of davit that applies it
(\`davit stages\`).

- If davit or the host cannot apply a value, \`validateConfig\` fails with the path of the field. davit
  does not ignore such a value silently.
- davit ignores unknown fields, with a warning that names them and what they may have been meant to be. It
  ignores \`enableCMT\` and \`enableMBM\` of \`linux.intelRdt\`, which 1.3 no longer has, and the sections of
  other platforms.
- davit ignores names of capabilities that the kernel or davit does not know, with a warning.
- \`linux.resources.unified\` needs a host with cgroup v2, and is an error on others.
- Limits of huge pages, AppArmor profiles and SELinux labels are tested in VMs whose kernels support them
  (\`npm run test:vm\`).

## Annotations

Two annotations are davit's own. If \`org.davit.trace-environment\` is \`true\`, the container's programs
get the context of their trace: TRACEPARENT, TRACESTATE and the caller's BAGGAGE.
\`org.davit.landlock\` holds JSON in the form of runtime-spec's proposal for Landlock (pull request 1241):
\`{"ruleset": {"handledAccessFS": ["read_file"]}, "rules": {"pathBeneath": [{"allowedAccess":
["read_file"], "paths": ["/etc"]}]}, "disableBestEffort": false}\`. The
proposal only has files. In addition \`ruleset\` accepts \`"handledAccessNet": ["bind_tcp", "connect_tcp"]\`, with rules
\`"netPort": [{"allowedAccess": ["connect_tcp"], "ports": [443]}]\`, and \`"scoped":
["abstract_unix_socket", "signal"]\`. The annotation needs \`process.noNewPrivileges\`. davit leaves out rights that the
kernel does not know; with \`disableBestEffort\` they are an error. A kernel without Landlock is always an error.

davit supports the [annotations of crun](https://github.com/containers/crun/blob/main/crun.1.md#extensions-to-oci)
that Podman, Buildah and their users set:

| Annotation | Value | |
| --- | --- | --- |
| \`run.oci.keep_original_groups\` | \`1\` or \`0\` | keeps the caller's supplementary groups in place of \`process.user.additionalGids\`: \`podman run --group-add keep-groups\` |
| \`run.oci.mount_context_type\` | \`context\`, \`fscontext\`, \`defcontext\`, \`rootcontext\` | the mount option for \`linux.mountLabel\`: \`podman run --security-opt label=nested\` |
| \`run.oci.hooks.stdout\`, \`run.oci.hooks.stderr\` | a file | hooks append their output to it; a relative path starts at the bundle |
| \`run.oci.seccomp.receiver\` | a socket | like \`linux.seccomp.listenerPath\`, which takes precedence |
| \`run.oci.seccomp_fail_unknown_syscall\` | \`1\` or \`0\` | names in \`linux.seccomp.syscalls\` that libseccomp does not know are an error |
| \`run.oci.delegate-cgroup\` | a path | puts the container into this cgroup below its own cgroup, and lets it divide the lower one further. Its own cgroup keeps the limits and is the root of the cgroup namespace. Only cgroup v2 |
| \`run.oci.pidfd_receiver\` | a socket | like \`--pidfd-socket\`, which takes precedence |

Podman copies the annotations of an image to the container, with every runtime, and also these. As with crun, an image can
thereby keep the groups of Podman's caller, and make hooks append their output to a file of the host.

davit ignores crun's other annotations with a warning (\`seccomp.plugins\`, \`systemd.force_cgroup_v1\`,
\`systemd.subgroup\`, \`timens_offset\`), or refuses them if they confine the container (\`handler\`,
\`seccomp_bpf_data\`).

## Mount options of crun

- \`copy-symlink\`: if the source is a symlink, davit makes the same symlink at the destination
  (\`podman run --mount …,no-dereference\`).
- \`src-nofollow\` mounts the symlink itself.
- \`dest-nofollow\` mounts on a symlink.
- \`idmap=uids=0-1000-1;gids=0-1000-1\` is \`idmap\` with \`uidMappings\` and \`gidMappings\`. A range is the first id
  in the file system, the first id on the host, and the number of ids. \`#\` separates ranges. In a range that starts
  with \`@\`, the second number is an id of the container.

## Fields

| Field | Since | Supported | Stages |
| --- | --- | --- | --- |
`;

/** The paths of all fields of config.json in types.ts, depth first. */
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
  // types.ts makes these two types from lists of names.
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

/** A field's note: its own values, and otherwise those of the fields around it. */
export function noteOf(path: string): FieldNote {
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
