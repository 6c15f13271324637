import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../../src/context/stage.ts';
import { type ContainerStageName, lifecycle } from '../../src/lifecycle/stages.ts';
import { type StageFields, stageFieldsReader } from './stage-fields.ts';

/*
 * `npm run generate` writes docs/reference/contexts.md: the types of the stages say which fields
 * are there. test/integration/plugins/contexts.test.ts compares the page with a real container.
 */

export const CONTEXTS_PAGE = join(import.meta.dirname, '../../docs/reference/contexts.md');

type Command = keyof typeof lifecycle;

/** The list and the first context of each command in which plugins meet a container's process. */
const COMMANDS: Partial<Record<Command, [list: string, context: string]>> = {
  create: ['createStages', 'LaunchContext'],
  start: ['startStages', 'StartContext'],
  exec: ['execStages', 'ExecContext'],
  update: ['updateStages', 'UpdateContext'],
  delete: ['deleteStages', 'DeleteContext'],
  checkpoint: ['checkpointStages', 'CheckpointContext'],
  restore: ['restoreStages', 'RestoreContext'],
};

/** What a plugin's context has, and the fields of davit's own context that it comes from. */
const HAS = {
  spec: ['spec', 'container'],
  rootfs: ['rootfs', 'container'],
  pid: ['init', 'container'],
  // Only commands about a container that exists have `root` at first.
  cgroup: ['cgroup', 'root'],
} as const satisfies Record<string, readonly string[]>;

/** What a function of `inContainer` reaches in `create`, before each stage from here on. */
const REACHES: readonly [from: ContainerStageName, reaches: string][] = [
  ['attachCgroup', 'no paths'],
  ['mounts', 'the rootfs; sources of mounts are paths of the host'],
  ['devices', 'the rootfs and its mounts; sources of mounts are paths of the host'],
  ['rootfsPropagation', 'the rootfs and its mounts, also as sources of mounts'],
  ['hostname', 'the same; with `root.readonly`, only its mounts for writing'],
  ['verifyWorkingDirectory', 'the same, with the rights of the user of the process'],
];

/** What is there before a stage. */
export interface BeforeStage {
  stage: Stage<never>;
  has: Record<keyof typeof HAS, boolean>;
  /** In a container stage: what `inContainer` reaches. */
  reaches: string | undefined;
}

/** By command. */
export function contexts(): Map<Command, BeforeStage[]> {
  const read = stageFieldsReader();
  const entries = Object.entries(COMMANDS) as [Command, [string, string]][];
  return new Map(
    entries.map(([command, [list, context]]) => [command, before(command, read(list, context))]),
  );
}

function before(command: Command, { first, added }: StageFields): BeforeStage[] {
  const fields = new Set(first);
  const reached = new Map(command === 'exec' ? [] : REACHES);
  // `start` goes on with the init of `create`.
  let reaches = command === 'start' ? REACHES.at(-1)![1] : 'no paths';
  const stages: readonly Stage<never>[] = lifecycle[command];
  return stages.map((stage) => {
    reaches = reached.get(stage.name as ContainerStageName) ?? reaches;
    // init waits there, and runs no function of a plugin.
    const hasPlugins = stage.side === 'container' && stage.name !== 'startWait';
    const row = { stage, has: hasOf(fields), reaches: hasPlugins ? reaches : undefined };
    for (const field of added.get(stage.name) ?? []) fields.add(field);
    if (stage.name === 'removeCgroup') for (const field of HAS.cgroup) fields.delete(field);
    return row;
  });
}

const hasOf = (fields: ReadonlySet<string>): BeforeStage['has'] => {
  const entries = Object.entries(HAS).map(([name, from]) => [
    name,
    from.some((one) => fields.has(one)),
  ]);
  return Object.fromEntries(entries);
};

export const contextsPage = (): string => `# What a plugin has at each stage

\`npm run generate\` makes this page from the types of the stages, and a test compares it with a container.

The columns say what the context of \`before\` has: the configuration (\`spec\`; it is empty before), the \`rootfs\` (an empty
string before), the \`pid\` of init, and whether the container's cgroup is there. \`after\` has what \`before\` of the next
stage has. The last column says what the paths of \`write\`, \`read\`, \`mkdir\`, \`symlink\`, \`exists\` and \`mount\` reach in
\`inContainer.before\`.

forkInit makes all namespaces of the container, or joins them, but for three: init becomes root of its user namespace in
\`enterUserNamespace\`, enters its cgroup namespace in \`enterCgroupNamespace\`, and a pid namespace of others in
\`enterPidNamespace\`. An \`inContainer\` function runs in the namespaces that its stage has. In \`exec\` it can change the
environment, and reaches no paths.

${[...contexts()].map(([command, rows]) => section(command, rows)).join('\n')}`;

const section = (command: Command, rows: readonly BeforeStage[]): string => `## davit ${command}

| Stage | Side | ${Object.keys(HAS)
  .map((name) => (name === 'cgroup' ? 'cgroup' : `\`${name}\``))
  .join(' | ')} | \`inContainer\` reaches |
| --- | --- | --- | --- | --- | --- | --- |
${rows.map(line).join('')}`;

const line = ({ stage, has, reaches = '' }: BeforeStage): string => {
  const cells = Object.values(has).map((there) => (there ? 'yes' : ''));
  return `| \`${stage.name}\` | ${[stage.side, ...cells, reaches].join(' | ')} |\n`;
};

if (import.meta.main) writeFileSync(CONTEXTS_PAGE, contextsPage());
