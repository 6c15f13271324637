import { stats } from '../../../operations/observe/events.ts';
import { type ContainerRequest, cgroupOf, readContainer } from '../../../state/container.ts';
import { type Packed, pack } from '../any.ts';
import { MetricsSchema as MetricsV1Schema } from '../protocol/metrics-v1_pb.ts';
import { MetricsSchema as MetricsV2Schema } from '../protocol/metrics-v2_pb.ts';
import { metricsV1 } from './metrics-v1.ts';
import { metricsV2 } from './metrics-v2.ts';

/** What a container uses, as containerd expects it on this host: in terms of cgroup v1 or v2. */
export async function metricsOf(request: ContainerRequest): Promise<Packed> {
  const used = await stats(request);
  const { hierarchies } = cgroupOf(readContainer(request));
  return hierarchies.every(({ version }) => version === 2)
    ? pack(MetricsV2Schema, metricsV2(used))
    : pack(MetricsV1Schema, metricsV1(used));
}
