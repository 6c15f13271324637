import { type LogRecord, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api';
import { version } from '../../version.ts';
import { type StoredCommand, serviceOf } from '../read/read-traces.ts';
import {
  COMMAND,
  CONTAINER_ID,
  ERROR_HINT,
  ERROR_TYPE,
  EXCEPTION_MESSAGE,
  EXCEPTION_TYPE,
  STAGE_CONFIG_PATH,
  STAGE_NAME,
} from '../record/attributes.ts';
import { hrTime } from '../record/clock.ts';
import { davitResource } from '../record/command-attributes.ts';
import { spanContext } from './replay-spans.ts';
import { resourceOf } from './resources.ts';
import { NO_TIMEOUT, startSdk } from './sdk.ts';
import type { Stream, StreamOptions } from './stream.ts';

/** Sends a log record of every command that failed. */
export function logStream({ directory }: StreamOptions): Stream {
  const provider = startSdk('logs', resourceOf(davitResource, directory)).loggerProvider;
  const logger = provider.getLogger('davit', version);
  return (commands) => {
    const records = failureLogs(commands);
    return {
      length: records.length,
      async send(start, end) {
        for (const record of records.slice(start, end)) logger.emit(record);
        await provider.forceFlush(NO_TIMEOUT);
      },
    };
  };
}

/** Each record has its command's span as context. */
function failureLogs(commands: readonly StoredCommand[]): LogRecord[] {
  return commands
    .filter((command) => command.root.error !== undefined && serviceOf(command) === 'davit')
    .map(({ root, spans }) => {
      const stage = spans.find(({ error }) => error !== undefined);
      const { [CONTAINER_ID]: id, [ERROR_TYPE]: type, [ERROR_HINT]: hint } = root.attributes;
      return {
        timestamp: hrTime(root.end),
        context: trace.setSpanContext(ROOT_CONTEXT, spanContext(root)),
        severityNumber: SeverityNumber.ERROR,
        severityText: 'ERROR',
        eventName: 'davit.command.failed',
        body: root.error ?? '',
        attributes: {
          [COMMAND]: root.name.replace(/^davit /, ''),
          [CONTAINER_ID]: id,
          [ERROR_TYPE]: type,
          [ERROR_HINT]: hint,
          [EXCEPTION_TYPE]: type,
          [EXCEPTION_MESSAGE]: root.error,
          [STAGE_NAME]: stage?.name,
          [STAGE_CONFIG_PATH]: stage?.attributes[STAGE_CONFIG_PATH],
        },
      };
    });
}
