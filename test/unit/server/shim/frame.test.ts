import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeFrame,
  FRAME,
  FrameReader,
  HEADER_SIZE,
  MAX_MESSAGE,
} from '../../../../src/server/shim/ttrpc/frame.ts';

const one = encodeFrame(1, FRAME.request, Buffer.from('one'));
const three = encodeFrame(3, FRAME.response, Buffer.from('three'));

test('a frame has a header of ten bytes', () => {
  assert.equal(one.subarray(0, HEADER_SIZE).toString('hex'), '00000003000000010100');
  assert.equal(one.subarray(HEADER_SIZE).toString(), 'one');
});

test('frames are read however their bytes are split', () => {
  const bytes = Buffer.concat([one, three]);
  for (const size of [1, 2, 9, 10, 11, 14, bytes.length]) {
    const reader = new FrameReader();
    const frames = [];
    for (let at = 0; at < bytes.length; at += size) {
      frames.push(...reader.push(bytes.subarray(at, at + size)));
    }
    const found = frames.map(({ stream, type, message }) => [stream, type, String(message)]);
    assert.deepEqual(found, [
      [1, FRAME.request, 'one'],
      [3, FRAME.response, 'three'],
    ]);
  }
});

test('a message that is too long is skipped, and the next frame is read', () => {
  assert.throws(() => encodeFrame(1, FRAME.request, Buffer.alloc(MAX_MESSAGE + 1)), RangeError);
  const header = Buffer.from(one.subarray(0, HEADER_SIZE));
  header.writeUInt32BE(MAX_MESSAGE + 5, 0);
  const reader = new FrameReader();
  const [long] = reader.push(Buffer.concat([header, Buffer.alloc(5)]));
  assert.equal(long?.message, undefined);
  assert.deepEqual(reader.push(Buffer.alloc(MAX_MESSAGE - 1)), []);
  const [next] = reader.push(Buffer.concat([Buffer.alloc(1), three]));
  assert.equal(String(next?.message), 'three');
});
