import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { Call } from './server.ts';
import { CODE, StatusError } from './status.ts';

/** A method of a service: takes the payload of a call, and returns that of its response. */
export type Method<S> = (service: S, call: Call) => Promise<Uint8Array>;

/** Makes a method of a function that takes and returns messages. Nothing stands for no fields. */
export function method<S, I extends DescMessage, O extends DescMessage>(
  input: I,
  output: O,
  answer: (
    service: S,
    request: MessageShape<I>,
    call: Call,
  ) => MessageInitShape<O> | undefined | Promise<MessageInitShape<O> | undefined>,
): Method<S> {
  return async (service, call) => {
    const response = await answer(service, read(input, call), call);
    return toBinary(output, create(output, response));
  };
}

function read<I extends DescMessage>(input: I, { payload }: Call): MessageShape<I> {
  try {
    return fromBinary(input, payload);
  } catch (error) {
    const reason = (error as Error).message;
    throw new StatusError(CODE.invalidArgument, `no ${input.typeName}: ${reason}`);
  }
}
