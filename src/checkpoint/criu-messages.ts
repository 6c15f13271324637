import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { RequestSchema, type Response, ResponseSchema } from './criu_pb.ts';

/* A bundle of its own: every other command would have to read protobuf's code for nothing. */

export type RequestInit = MessageInitShape<typeof RequestSchema>;

export const encodeRequest = (request: RequestInit): Uint8Array =>
  toBinary(RequestSchema, create(RequestSchema, request));

export const decodeResponse = (bytes: Uint8Array): Response => fromBinary(ResponseSchema, bytes);
