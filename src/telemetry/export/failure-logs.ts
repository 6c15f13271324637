import { SeverityNumber } from '@opentelemetry/api';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { version } from '../../version.ts';
import { apiAttributes, hrTime } from '../api-values.ts';
import {
  COMMAND,
  CONTAINER_ID,
  ERROR_HINT,
  ERROR_TYPE,
  EXCEPTION_MESSAGE,
  EXCEPTION_TYPE,
  STAGE_CONFIG_PATH,
  STAGE_NAME,
} from '../attributes.ts';
import { type StoredCommand, serviceOf } from '../read-traces.ts';
import { spanContext } from './rebuild-spans.ts';
import type { Resources } from './resources.ts';

/** A log record of every command that failed, within its span. */
export function failureLogs(
  commands: readonly StoredCommand[],
  resources: Resources,
): ReadableLogRecord[] {
  const resource = resources.own();
  const observed = hrTime(BigInt(Date.now()) * 1_000_000n);
  return commands
    .filter((command) => command.root.error !== undefined && serviceOf(command) === 'davit')
    .map(({ root, spans }) => {
      const stage = spans.find(({ error }) => error !== undefined);
      const { [CONTAINER_ID]: id, [ERROR_TYPE]: type, [ERROR_HINT]: hint } = root.attributes;
      return {
        hrTime: hrTime(root.end),
        hrTimeObserved: observed,
        spanContext: spanContext(root),
        severityNumber: SeverityNumber.ERROR,
        severityText: 'ERROR',
        eventName: 'davit.command.failed',
        body: root.error ?? '',
        resource,
        instrumentationScope: SCOPE,
        attributes: apiAttributes({
          [COMMAND]: root.name.replace(/^davit /, ''),
          [CONTAINER_ID]: id,
          [ERROR_TYPE]: type,
          [ERROR_HINT]: hint,
          [EXCEPTION_TYPE]: type,
          [EXCEPTION_MESSAGE]: root.error,
          [STAGE_NAME]: stage?.name,
          [STAGE_CONFIG_PATH]: stage?.attributes[STAGE_CONFIG_PATH],
        }),
        droppedAttributesCount: 0,
      };
    });
}

// The SDK groups records by the identity of their scope.
const SCOPE = { name: 'davit', version };
