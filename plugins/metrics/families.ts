/** What is counted, by the name that Prometheus knows. Times are in seconds. */
export const FAMILIES = {
  davit_stage_duration_seconds: {
    type: 'histogram',
    help: 'How long stages of containers took that did not fail.',
    otlp: { name: 'davit.stage.duration', unit: 's' },
  },
  davit_stage_failures_total: {
    type: 'counter',
    help: 'Stages that failed.',
    otlp: { name: 'davit.stage.failures', unit: '{failure}' },
  },
  davit_command_duration_seconds: {
    type: 'histogram',
    help: "How long commands took that did not fail, without waiting for the container's program.",
    otlp: { name: 'davit.command.duration', unit: 's' },
  },
  davit_commands_total: {
    type: 'counter',
    help: 'Commands, by how they went.',
    otlp: { name: 'davit.commands', unit: '{command}' },
  },
} as const;

export type FamilyName = keyof typeof FAMILIES;

/** OpenTelemetry's names of the labels. */
export const ATTRIBUTES: Readonly<Record<string, string>> = {
  stage: 'davit.stage.name',
  side: 'davit.stage.side',
  command: 'davit.command',
  outcome: 'davit.outcome',
};
