import type { LifecycleBus } from '../bus/bus.ts';
import type { InitParent } from '../init/parent/init-parent.ts';
import type { ConfiguredLaunch, NamespacesOfInit } from './launch.ts';

/** The part of a launch that a stage's `applies` reads. */
export interface AppliesContext
  extends Pick<ConfiguredLaunch, 'spec' | 'options' | 'cgroupManager' | 'unprivileged' | 'stdio'>,
    NamespacesOfInit {
  readonly bus: LifecycleBus;
  readonly initParent: InitParent;
}
