import type { Hook } from '../../../src/config/types.ts';
import type { TestSpec } from '../../support/bundle.ts';
import type { Mistake, Theme } from './mistake.ts';

const hook =
  (kind: 'createRuntime' | 'createContainer' | 'startContainer', value: Hook) =>
  (spec: TestSpec): void => {
    spec.hooks = { [kind]: [value] };
  };

const script = (text: string): Hook => ({ path: '/bin/sh', args: ['sh', '-c', text] });

const mistakes: Mistake[] = [
  {
    name: 'a hook that is not there',
    spec: hook('createRuntime', { path: '/opt/hooks/network' }),
    davit: {
      stage: 'createRuntimeHooks',
      field: 'hooks.createRuntime[0]',
      syscall: 'posix_spawn',
      errno: 'ENOENT',
      hint: /the path of this hook is a path on the host/,
    },
  },
  {
    name: 'a hook by a relative path',
    spec: hook('createRuntime', { path: 'hooks/network' }),
    davit: { stage: 'validateConfig', field: 'hooks.createRuntime[0].path' },
  },
  {
    name: 'a hook that is not executable',
    spec: hook('createRuntime', { path: '/etc/passwd' }),
    davit: {
      stage: 'createRuntimeHooks',
      field: 'hooks.createRuntime[0]',
      syscall: 'posix_spawn',
      errno: 'EACCES',
      hint: /a hook must be executable/,
    },
  },
  {
    name: 'a hook that fails',
    spec: hook('createRuntime', script('echo no route to the moon >&2; exit 3')),
    davit: { stage: 'createRuntimeHooks', field: 'hooks.createRuntime[0]' },
  },
  {
    name: 'a hook that a signal ends',
    spec: hook('createContainer', script('kill -9 $$')),
    davit: { stage: 'createContainerHooks', field: 'hooks.createContainer[0]' },
  },
  {
    name: 'a hook that does not end in time',
    spec: hook('createRuntime', { path: '/bin/sleep', args: ['sleep', '100'], timeout: 1 }),
    davit: { stage: 'createRuntimeHooks', field: 'hooks.createRuntime[0]' },
  },
  {
    name: 'a startContainer hook that is on the host, not in the container',
    spec: hook('startContainer', { path: '/usr/sbin/ldconfig' }),
    davit: {
      stage: 'startContainerHooks',
      field: 'hooks.startContainer[0]',
      syscall: 'posix_spawn',
      errno: 'ENOENT',
      hint: /the path of a startContainer hook is/,
    },
  },
];

export const hooks: Theme = { name: 'Hooks', mistakes };
