import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredTrace } from '../read-traces.ts';
import { pageData } from './page-data.ts';

/** Where the data goes. */
const PLACE = '<script type="application/json" id="traces">';

/** One page that needs nothing else: the traces, and what draws them. Only a built davit has it. */
export function fillPage(traces: readonly StoredTrace[]): string {
  const template = readFileSync(join(import.meta.dirname, 'trace-page.html'), 'utf8');
  // In a script element nothing but its end tag, or a comment's begin, means anything to HTML.
  const data = JSON.stringify(pageData(traces)).replaceAll('<', '\\u003c');
  return template.replace(PLACE, () => PLACE + data);
}
