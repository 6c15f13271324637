import { containerd } from '../support/containerd.ts';
import { withEngine } from '../support/engine.ts';
import { testTasks } from './tasks.ts';

testTasks(withEngine(containerd).same);
