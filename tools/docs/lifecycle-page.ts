import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stage } from '../../src/context/stage.ts';
import { lifecycle } from '../../src/lifecycle/stages.ts';

/*
 * `npm run generate` writes docs/reference/lifecycle.md from the one list of stages.
 */

export const LIFECYCLE_PAGE = join(import.meta.dirname, '../../docs/reference/lifecycle.md');

type Command = keyof typeof lifecycle;

/** The command that runs each list, and its purpose. */
const COMMANDS: Record<Command, { title: string; purpose: string }> = {
  create: {
    title: 'davit create',
    purpose: 'From nothing to `created`. `davit run` goes on with `davit start`.',
  },
  start: { title: 'davit start', purpose: 'From `created` to `running`.' },
  exec: { title: 'davit exec', purpose: 'Another process in a `running` container.' },
  kill: { title: 'davit kill', purpose: 'The effect depends on the signal.' },
  pause: { title: 'davit pause', purpose: 'From `running` to `paused`.' },
  resume: { title: 'davit resume', purpose: 'From `paused` to `running`.' },
  update: {
    title: 'davit update',
    purpose: 'Changes the limits of a container that has not stopped.',
  },
  delete: {
    title: 'davit delete',
    purpose:
      'From `stopped` to nothing. `davit run` and `davit checkpoint` end with the stages from removeCgroup on.',
  },
  checkpoint: {
    title: 'davit checkpoint',
    purpose: 'Saves a `running` container, and removes it unless it is to go on.',
  },
  restore: {
    title: 'davit restore',
    purpose: 'From a checkpoint to `running`.',
  },
};

/** The status that a container enters with a command, for the arrows from one to the next. */
const NEXT: readonly [from: Command, status: string, to: Command][] = [
  ['create', 'created', 'start'],
  ['start', 'running', 'exec'],
  ['start', 'running', 'pause'],
  ['pause', 'paused', 'resume'],
  ['start', 'running', 'update'],
  ['start', 'running', 'kill'],
  ['start', 'stopped', 'delete'],
  ['kill', 'stopped', 'delete'],
  ['start', 'running', 'checkpoint'],
  ['checkpoint', 'saved', 'restore'],
];

export const lifecyclePage = (): string => `# The lifecycle of a container

\`npm run generate\` makes this page from [stages.ts](../../src/lifecycle/stages.ts), and a test checks it. Spans, events,
\`davit stages\` and plugins use these names.

A stage runs in the runtime, the process of the command, or in init, the process that becomes the container. Where the
side changes, one process hands the turn to the other. Stages in parentheses run only for containers that need them. When
a stage fails, the runtime undoes its earlier stages in reverse order. What init did ends with init.

\`\`\`mermaid
${diagram()}
\`\`\`

${Object.entries(lifecycle)
  .map(([command, stages]) => section(command as Command, stages))
  .join('\n')}`;

function diagram(): string {
  const lines = ['flowchart TB'];
  for (const [command, stages] of Object.entries(lifecycle)) {
    const turns = turnsOf(stages).map(
      ({ side, names }, turn) =>
        `    ${command}${turn}["<b>${side}</b><br>${names.join('<br>')}"]:::${side}`,
    );
    const order = turns.map((_, turn) => `${command}${turn}`).join(' --> ');
    lines.push(
      `  subgraph ${command} ["${COMMANDS[command as Command].title}"]`,
      '    direction LR',
      ...turns,
    );
    lines.push(...(turns.length > 1 ? [`    ${order}`] : []), '  end');
  }
  for (const [from, status, to] of NEXT) lines.push(`  ${from} -- ${status} --> ${to}`);
  lines.push('  classDef runtime fill:#d9eef2,stroke:#1f7a8c,color:#10333b,text-align:left');
  lines.push('  classDef container fill:#fbead0,stroke:#c77a12,color:#4a2c00,text-align:left');
  return lines.join('\n');
}

/** Groups neighbouring stages of the same side. */
function turnsOf(
  stages: readonly Stage<never>[],
): { side: Stage<never>['side']; names: string[] }[] {
  const turns: { side: Stage<never>['side']; names: string[] }[] = [];
  for (const { side, name, applies } of stages) {
    const shown = applies ? `(${name})` : name;
    const last = turns.at(-1);
    if (last?.side === side) last.names.push(shown);
    else turns.push({ side, names: [shown] });
  }
  return turns;
}

function section(command: Command, stages: readonly Stage<never>[]): string {
  const rows = stages.map((stage) => {
    const undo = stage.side === 'runtime' && stage.undoable ? 'yes' : '';
    const when = stage.applies ? 'if needed' : 'always';
    return `| \`${stage.name}\` | ${stage.side} | ${when} | ${undo} | ${stage.summary} |\n`;
  });
  const { title, purpose } = COMMANDS[command];
  return `## ${title}

${purpose}

| Stage | Side | Runs | Undone | What it does |
| --- | --- | --- | --- | --- |
${rows.join('')}`;
}

if (import.meta.main) writeFileSync(LIFECYCLE_PAGE, lifecyclePage());
