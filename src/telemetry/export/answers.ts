import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';

/** Of the last answer to a path: what the SDK's exporters keep to themselves. */
export interface Answer {
  /** HTTP status. */
  status: number;
  /** Retry-After, in milliseconds. */
  retryAfter: number | undefined;
}

const answers = new Map<string, Answer>();

/** Listens to all answers that this process gets over HTTP. */
export function watchAnswers(): void {
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage };
    const { statusCode: status = 0, headers } = response;
    answers.set(request.path, { status, retryAfter: milliseconds(headers['retry-after']) });
  });
}

/** The last answer to a request for `url`, once. */
export function takeAnswer(url: string): Answer | undefined {
  const { pathname, search } = new URL(url);
  const answer = answers.get(pathname + search);
  answers.delete(pathname + search);
  return answer;
}

/** RFC 9110: seconds, or a date. */
function milliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(date - Date.now(), 0);
}
