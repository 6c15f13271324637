import { type DescMessage, type MessageShape, toBinary } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';

/** What an Any holds, in the form that create() takes. */
export type Packed = Pick<Any, 'typeUrl' | 'value'>;

/** A message as an Any. containerd's type URLs are the bare names of messages. */
export function pack<D extends DescMessage>(schema: D, message: MessageShape<D>): Packed {
  return { typeUrl: schema.typeName, value: toBinary(schema, message) };
}

/** The name of the message in an Any, with or without a prefix as `type.googleapis.com/`. */
export const typeNameOf = ({ typeUrl }: Packed): string =>
  typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
