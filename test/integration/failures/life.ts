import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, TestSpec } from '../../support/bundle.ts';
import type { Mistake, Theme } from './mistake.ts';

const sleeping = (spec: TestSpec): void => {
  spec.process.args = ['sleep', '1000'];
};

const ended = (bundle: Bundle): void => {
  bundle.runDetached();
  while (bundle.state().status !== 'stopped');
};

const execFile = (text: string) => (bundle: Bundle) => {
  bundle.runDetached();
  writeFileSync(join(bundle.dir, 'process.json'), text);
  return bundle.runtime('exec', '--process', join(bundle.dir, 'process.json'), bundle.id);
};

const mistakes: Mistake[] = [
  {
    name: '`start` of a container that runs',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.start();
    },
    davit: { stage: 'readState' },
  },
  {
    name: '`start` of a container that has ended',
    attempt: (bundle) => {
      ended(bundle);
      return bundle.start();
    },
    davit: { stage: 'readState' },
  },
  {
    name: '`kill` of a container that has ended',
    attempt: (bundle) => {
      ended(bundle);
      return bundle.runtime('kill', bundle.id, 'KILL');
    },
    davit: { stage: 'sendSignal' },
  },
  {
    name: '`kill` with a signal that is none',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('kill', bundle.id, 'SIGFOO');
    },
    davit: { hint: /as in signal\(7\)/ },
  },
  {
    name: '`delete` of a container that runs',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('delete', bundle.id);
    },
    davit: { stage: 'readState', hint: /stop it with davit/ },
  },
  {
    name: '`state` of no container',
    attempt: (bundle) => bundle.runtime('state', bundle.id),
    davit: {},
  },
  {
    name: '`pause` of a container that has ended',
    attempt: (bundle) => {
      ended(bundle);
      return bundle.runtime('pause', bundle.id);
    },
    davit: { stage: 'readState' },
  },
  {
    name: '`resume` of a container that runs',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('resume', bundle.id);
    },
    davit: { stage: 'readState' },
  },
  {
    name: '`exec` in a container that has ended',
    attempt: (bundle) => {
      ended(bundle);
      return bundle.exec('true');
    },
    davit: { stage: 'readState', status: 255 },
  },
  {
    name: '`exec` in a paused container',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      bundle.runtime('pause', bundle.id);
      return bundle.exec('true');
    },
    davit: { stage: 'readState', status: 255 },
  },
  {
    name: '`exec` of a program that is not there',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.exec('bash');
    },
    davit: {
      stage: 'findProgram',
      field: 'process.args[0]',
      syscall: 'execve',
      errno: 'ENOENT',
      status: 255,
      hint: /the directories of PATH/,
    },
  },
  {
    name: '`exec` of a script whose interpreter is not there',
    spec: sleeping,
    prepare: (bundle) => bundle.write('start.sh', '#!/bin/bash\n', 0o755),
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.exec('/start.sh');
    },
    davit: {
      ...{ stage: 'exec', field: 'process.args[0]', syscall: 'execve', errno: 'ENOENT' },
      hint: /its interpreter "\/bin\/bash"/,
      status: 255,
    },
  },
  {
    name: '`exec` as a user by name',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('exec', '--user', 'www-data', bundle.id, 'true');
    },
    davit: { stage: 'loadConfig', status: 255 },
  },
  {
    name: '`exec` in a relative directory',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('exec', '--cwd', 'srv', bundle.id, 'true');
    },
    davit: { stage: 'loadConfig', field: 'process.cwd', status: 255 },
  },
  {
    name: '`exec` in a directory that is not there',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('exec', '--cwd', '/srv', bundle.id, 'true');
    },
    davit: {
      stage: 'enterWorkingDirectory',
      field: 'process.cwd',
      syscall: 'chdir',
      errno: 'ENOENT',
      status: 255,
    },
  },
  {
    name: '`exec --process` with a malformed file',
    spec: sleeping,
    attempt: execFile('{"args": ["true"], "cwd": "/"'),
    davit: { stage: 'loadConfig', status: 255 },
  },
  {
    name: '`exec --process` without a working directory',
    spec: sleeping,
    attempt: execFile('{"args": ["true"]}'),
    davit: { stage: 'loadConfig', field: 'process.cwd', status: 255 },
  },
  {
    name: '`update` with a limit that is no number',
    spec: sleeping,
    attempt: (bundle) => {
      bundle.runDetached();
      return bundle.runtime('update', '--memory', 'lots', bundle.id);
    },
    davit: {},
  },
];

export const life: Theme = { name: 'The life of a container', mistakes };
