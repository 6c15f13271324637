import { formatDuration } from '../../text/duration.ts';
import type { PageAttribute } from '../page-types.ts';
import { element } from './dom.ts';
import { type Row, shareOf } from './rows.ts';
import type { TimeAxis } from './time-axis.ts';

/** Shows everything that is recorded of a row's span. */
export function drawDetails(panel: HTMLElement, row: Row, axis: TimeAxis, close: () => void): void {
  const { span, command } = row;
  const root = command.spans[0]!;
  const button = element('button', 'close', '×');
  button.type = 'button';
  button.ariaLabel = 'Close';
  button.addEventListener('click', close);
  const share = shareOf(row, axis);
  const facts: PageAttribute[] = [
    ['duration', formatDuration(span.end - span.start)],
    ...(share ? [['share', `${share} of ${root.name}`] as PageAttribute] : []),
    ['begins', `${formatDuration(span.start - root.start)} into ${root.name}`],
    ['runs in', span.side === 'container' ? 'container (init)' : 'runtime'],
    ['span', span.spanId],
  ];
  panel.replaceChildren(
    button,
    element('h2', '', span.name),
    ...(span.error === undefined
      ? []
      : [element('p', 'failure', element('strong', '', '✗ '), span.error || 'failed')]),
    ...(span.hint === undefined ? [] : [element('p', 'hint', span.hint)]),
    list(span.wait ? facts.filter(([name]) => name !== 'share') : facts),
    ...(span.attributes.length > 0 ? [element('h3', '', 'Attributes'), list(span.attributes)] : []),
    ...span.events.flatMap(({ name, time, attributes }) => [
      element('h3', '', `${name} at ${formatDuration(time - root.start)}`),
      list(attributes),
    ]),
  );
  panel.hidden = false;
}

function list(entries: readonly PageAttribute[]): HTMLElement {
  return element(
    'dl',
    '',
    ...entries.flatMap(([name, value]) => [element('dt', '', name), element('dd', '', value)]),
  );
}
