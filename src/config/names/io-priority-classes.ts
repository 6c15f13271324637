/** `process.ioPriority.class`: ioprio_set(2). */
export const IO_PRIORITY_CLASSES = [
  'IOPRIO_CLASS_RT',
  'IOPRIO_CLASS_BE',
  'IOPRIO_CLASS_IDLE',
] as const;
export type IOPriorityClass = (typeof IO_PRIORITY_CLASSES)[number];
