import { defaultSpec } from '../../../../src/config/default-spec.ts';

/** A spec that a test may change into any shape. */
// biome-ignore lint/suspicious/noExplicitAny: the point is to write what the types forbid
export type Anything = any;

/** A row: the name, the change to a valid configuration, and the one problem to expect. */
export type BadConfig = [
  name: string,
  damage: (spec: Anything) => void,
  path: string,
  value: unknown,
  expected: string,
];

/** A valid configuration with all the fields that the rows change. */
export function validSpec(): Anything {
  const spec: Anything = structuredClone(defaultSpec());
  spec.linux.namespaces = [
    { type: 'pid' },
    { type: 'network' },
    { type: 'ipc' },
    { type: 'uts' },
    { type: 'mount' },
  ];
  return spec;
}

/** The same in a user namespace where ids 0 to 999 exist. */
export function inUserNamespace(spec: Anything): void {
  spec.linux.namespaces.push({ type: 'user' });
  spec.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
  spec.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1000 }];
}
