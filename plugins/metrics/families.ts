/**
 * The metrics by their Prometheus names. They are the metrics of `davit export`, with names and
 * labels as OpenTelemetry translates them to Prometheus. Times are in seconds.
 */
export const FAMILIES = {
  davit_stage_duration_seconds: {
    type: 'histogram',
    help: 'Duration of the stages of commands.',
    otlp: { name: 'davit.stage.duration', unit: 's' },
  },
  davit_stage_failures_total: {
    type: 'counter',
    help: 'Number of stages that failed.',
    otlp: { name: 'davit.stage.failures', unit: '{failure}' },
  },
  davit_command_duration_seconds: {
    type: 'histogram',
    help: "Duration of commands, without waiting for the container's program.",
    otlp: { name: 'davit.command.duration', unit: 's' },
  },
} as const;

export type FamilyName = keyof typeof FAMILIES;

/** Labels and the OpenTelemetry names for them. */
export const ATTRIBUTES = {
  davit_stage_name: 'davit.stage.name',
  davit_stage_side: 'davit.stage.side',
  davit_command: 'davit.command',
  error_type: 'error.type',
} as const;

export type LabelName = keyof typeof ATTRIBUTES;
