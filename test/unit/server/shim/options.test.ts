import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { AnySchema } from '@bufbuild/protobuf/wkt';
import { readOptions } from '../../../../src/server/shim/options.ts';
import { OptionsSchema } from '../../../../src/server/shim/protocol/options_pb.ts';
import { OptionsSchema as RuntimeOptionsSchema } from '../../../../src/server/shim/protocol/runtime-options_pb.ts';

const any = (typeUrl: string, value: Uint8Array) => create(AnySchema, { typeUrl, value });
const toml = (text: string) => {
  const options = create(RuntimeOptionsSchema, { configBody: Buffer.from(text) });
  return any('runtimeoptions.v1.Options', toBinary(RuntimeOptionsSchema, options));
};

test('without options there are the defaults', () => {
  assert.equal(readOptions(undefined).systemdCgroup, false);
  assert.equal(readOptions(toml('')).root, '');
});

test("options are those of runc's shim, or the same as TOML", () => {
  const given = create(OptionsSchema, { systemdCgroup: true, ioUid: 5, root: '/run/x' });
  const packed = any('containerd.runc.v1.Options', toBinary(OptionsSchema, given));
  const text = 'SystemdCgroup = true\nIoUid = 5\nRoot = "/run/x"\nBinaryName = "runc"';
  for (const options of [packed, toml(text)]) assert.deepEqual(readOptions(options), given);
});

test('a wrong value, wrong TOML and unknown options are refused', () => {
  assert.throws(() => readOptions(toml('IoUid = "5"')), {
    message: 'the options: IoUid: "5": expected a number',
  });
  assert.throws(() => readOptions(toml('IoUid = ')), /^StatusError: the options: /);
  assert.throws(() => readOptions(any('a.Thing', new Uint8Array())), {
    message: /^options of type a.Thing: expected containerd.runc.v1.Options or /,
  });
});
