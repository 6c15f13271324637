export type AttributeValue = string | number | boolean | string[];
export type Attributes = Record<string, AttributeValue | undefined>;

// OpenTelemetry semantic conventions 1.45: container, process, error, and CLI (callee) spans.
export const CONTAINER_ID = 'container.id';
export const CONTAINER_RUNTIME_NAME = 'container.runtime.name';
export const CONTAINER_RUNTIME_VERSION = 'container.runtime.version';
export const ERROR_TYPE = 'error.type';
export const EXCEPTION_MESSAGE = 'exception.message';
export const EXCEPTION_TYPE = 'exception.type';
export const HOST_ID = 'host.id';
export const HOST_NAME = 'host.name';
export const PROCESS_COMMAND_ARGS = 'process.command_args';
export const PROCESS_EXECUTABLE_NAME = 'process.executable.name';
export const PROCESS_EXECUTABLE_PATH = 'process.executable.path';
export const PROCESS_EXIT_CODE = 'process.exit.code';
export const PROCESS_PID = 'process.pid';
export const SERVICE_INSTANCE_ID = 'service.instance.id';
export const SERVICE_NAME = 'service.name';
export const SERVICE_VERSION = 'service.version';

/** `create`. */
export const COMMAND = 'davit.command';
/** `mounts`. Only in metrics and logs: a stage's span has the stage's name. */
export const STAGE_NAME = 'davit.stage.name';
/** Where a stage, or a call within it, ran: `runtime` or `container`. Absent on other spans. */
export const STAGE_SIDE = 'davit.stage.side';
/** The field of config.json that the failure is about: `mounts[2]`. */
export const STAGE_CONFIG_PATH = 'davit.stage.config_path';
/** A mount of config.json: its path in the container. */
export const MOUNT_DESTINATION = 'davit.mount.destination';
export const MOUNT_SOURCE = 'davit.mount.source';
/** `bind` for bind mounts. */
export const MOUNT_TYPE = 'davit.mount.type';
/** As in config.json. */
export const MOUNT_OPTIONS = 'davit.mount.options';
/** The system call that failed: `mount`. */
export const ERROR_SYSCALL = 'davit.error.syscall';
/** What to do about the failure: the line that davit prints below it. */
export const ERROR_HINT = 'davit.error.hint';
export const PLUGIN_NAME = 'davit.plugin.name';
/** What the plugin did: `before`, `adjust`, `inContainer.after`, `on container:created` … */
export const PLUGIN_CALL = 'davit.plugin.call';
/** Calls of listeners that are too short for spans: `metrics: 41 calls in 0.21 ms`. */
export const PLUGIN_LISTENERS = 'davit.plugin.listeners';
/** True when the embedding program's SDK got the command's spans: no exporter sends them. */
export const EXPORTED = 'davit.exported';
/**
 * True in the line that is stored while a command's program runs. A later line has the command's
 * end and its remaining spans.
 */
export const UNFINISHED = 'davit.unfinished';
/** True for a span that waits for the container's own process: no work of the runtime. */
export const WAIT = 'davit.wait';
