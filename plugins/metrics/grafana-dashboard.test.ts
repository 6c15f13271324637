import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTRIBUTES, FAMILIES } from './families.ts';
import dashboard from './grafana-dashboard.json' with { type: 'json' };

test("the dashboard's queries name metrics and labels that davit writes", () => {
  const labels = [...Object.keys(ATTRIBUTES), 'le'];
  const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  assert.equal(queries.length, 8);
  const asked = new Set<string>();
  for (const query of queries) {
    const [metric] = /davit_\w+_(seconds|total)/.exec(query)!;
    assert.ok(Object.hasOwn(FAMILIES, metric), metric);
    asked.add(metric);
    const grouped = /by \(([\w, ]+)\)/.exec(query)![1]!.split(', ');
    const selected = [...query.matchAll(/(\w+)(?:=~|!=)"/g)].map(([, label]) => label!);
    for (const label of [...grouped, ...selected]) assert.ok(labels.includes(label), label);
  }
  assert.deepEqual([...asked].toSorted(), Object.keys(FAMILIES).toSorted());
});
