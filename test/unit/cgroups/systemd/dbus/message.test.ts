import assert from 'node:assert/strict';
import { test } from 'node:test';
import { socketOf, systemBus, userBus } from '../../../../../src/cgroups/systemd/dbus/address.ts';
import {
  decodeMessage,
  encodeMessage,
  METHOD_CALL,
  messageLength,
} from '../../../../../src/cgroups/systemd/dbus/message.ts';
import { splitSignature, variant } from '../../../../../src/cgroups/systemd/dbus/values.ts';

test('a signature is split into its types', () => {
  assert.deepEqual(splitSignature('sa{sv}aau(i(tt))v'), ['s', 'a{sv}', 'aau', '(i(tt))', 'v']);
  for (const signature of ['a', '(i', 'z', 'i)']) assert.throws(() => splitSignature(signature));
});

test('values of every type are unchanged after encoding and decoding', () => {
  const signature = 'ybnqiuxtdsogaya{sv}a(ss)av(y(t))';
  const body = [
    ...[255, true, -2, 65535, -3, 4e9, -(2n ** 63n), 2n ** 64n - 1n, 1.5],
    ...['text ä', '/a/b', 'a{sv}', [1, 2, 3]],
    [['key', variant('as', ['x'.repeat(2000), ''])]],
    [
      ['a', 'b'],
      ['', 'd'],
    ],
    [variant('t', 5n), variant('(yb)', [1, false])],
    [7, [8n]],
  ];
  const bytes = encodeMessage({
    type: METHOD_CALL,
    serial: 7,
    path: '/p',
    member: 'M',
    signature,
    body,
  });
  assert.equal(messageLength(bytes), bytes.length);
  assert.equal(messageLength(bytes.subarray(0, 15)), undefined);
  const message = decodeMessage(bytes);
  assert.deepEqual(message, {
    type: METHOD_CALL,
    serial: 7,
    path: '/p',
    member: 'M',
    signature,
    body,
  });
});

test('a message has the layout of the specification', () => {
  const bytes = encodeMessage({
    type: METHOD_CALL,
    serial: 1,
    path: '/',
    member: 'Get',
    signature: 's',
    body: ['hi'],
  });
  // Endianness, type, flags, version; length of the body, serial, length of the header's fields.
  const header = '6c010001 07000000 01000000 27000000';
  const fields =
    '01016f00 01000000 2f000000 00000000 03017300 03000000 47657400 00000000 08016700 0173';
  assert.equal(bytes.toString('hex'), `${header}${fields}0000 02000000 686900`.replaceAll(' ', ''));
});

test('addresses are resolved to sockets', () => {
  assert.equal(socketOf('unix:path=/run/user/1000/bus'), '/run/user/1000/bus');
  assert.equal(socketOf('tcp:host=x;unix:guid=1,path=/a%20b,x=y'), '/a b');
  assert.throws(() => socketOf('unix:abstract=/tmp/x'), /no unix:path=/);
  assert.equal(systemBus({}), '/run/dbus/system_bus_socket');
  assert.equal(systemBus({ DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/x' }), '/x');
  assert.equal(userBus({ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/y' }), '/y');
  assert.throws(() => userBus({ XDG_RUNTIME_DIR: '/nonexistent' }), /could not detect/);
});
