import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxiesFor } from '../../../../../src/trace/send/connection/proxies.ts';

const proxy = 'http://proxy:3128';
const isProxied = (url: string, NO_PROXY: string): boolean =>
  Object.keys(proxiesFor(new URL(url), { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY }))
    .length > 0;

test('NO_PROXY is parsed as in Go', () => {
  const cases: [noProxy: string, url: string, proxied: boolean][] = [
    ['', 'http://a.example', true],
    ['*', 'http://a.example', false],
    ['example', 'http://a.example', false],
    ['a.example', 'http://A.example', false],
    ['.a.example', 'http://a.example', true],
    ['*.example', 'http://a.example', false],
    ['b.example, .svc', 'http://otel.svc', false],
    ['le', 'http://a.example', true],
    ['a.example:4318', 'http://a.example:4318', false],
    ['a.example:4318', 'http://a.example', true],
    ['a.example:443', 'https://a.example', false],
    ['10.0.0.0/8', 'http://10.1.2.3', false],
    ['10.0.0.0/8', 'http://11.1.2.3', true],
    ['10.1.2.3', 'http://10.1.2.3:1', false],
    ['10.0.0.0/x', 'http://10.0.0.0', true],
    ['fd00::/8', 'http://[fd00::1]', false],
    ['fd00::1', 'http://[fd00::1]', false],
    ['[fd00::1]:80', 'http://[fd00::1]', false],
    ['', 'http://localhost:4318', false],
    ['', 'http://127.0.0.9', false],
    ['', 'http://[::1]', false],
  ];
  for (const [noProxy, url, proxied] of cases) {
    assert.equal(isProxied(url, noProxy), proxied, `${url}, NO_PROXY=${noProxy}`);
  }
});

test('variables in lower case apply, and a proxy needs no scheme', () => {
  const url = new URL('http://a.example');
  assert.deepEqual(proxiesFor(url, { http_proxy: 'proxy:3128' }), {
    http_proxy: 'http://proxy:3128',
  });
  assert.deepEqual(proxiesFor(url, { https_proxy: proxy, no_proxy: 'a.example' }), {});
});
