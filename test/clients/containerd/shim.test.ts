import { containerdShim } from '../support/containerd.ts';
import { withEngine } from '../support/engine.ts';
import { testTasks } from './tasks.ts';

const { same } = withEngine(containerdShim);

testTasks(same);
