import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { create, toBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { RuntimeError } from '../../../errors/runtime-error.ts';
import { ForwardRequestSchema } from '../protocol/forward_pb.ts';
import type { Children } from '../task/children.ts';
import { TtrpcClient } from '../ttrpc/client.ts';
import type { Forward } from './publisher.ts';

const SERVICE = 'containerd.services.events.ttrpc.v1.Events';

/** Forwards events to containerd's own server of ttrpc. `address` is a path, perhaps as a URI. */
export function forwardTo(address: string): Forward {
  const client = new TtrpcClient(address.replace(/^unix:\/\//, ''));
  return async (envelope) => {
    const request = create(ForwardRequestSchema, { envelope });
    await client.call(SERVICE, 'Forward', toBinary(ForwardRequestSchema, request));
  };
}

/** How to call `containerd publish`, for a containerd without a server of ttrpc. */
interface PublishBinary {
  /** `-publish-binary`. */
  path: string;
  /** `-address`: containerd's own socket. */
  address: string;
}

/** Forwards events by the program that containerd names. */
export function forwardBy({ path, address }: PublishBinary, children: Children): Forward {
  return async ({ namespace, topic, event }) => {
    const args = ['--address', address, 'publish', '--topic', topic, '--namespace', namespace];
    await children.during(async () => {
      const publish = spawn(path, args, { stdio: ['pipe', 'ignore', 'ignore'] });
      publish.stdin.end(toBinary(AnySchema, event!));
      const [status] = await once(publish, 'exit');
      if (status !== 0) throw new RuntimeError(`${path} publish ended with status ${status}`);
    });
  };
}
