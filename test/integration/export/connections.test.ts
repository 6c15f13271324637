import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server, request as send } from 'node:http';
import { type AddressInfo, connect, type Server as NetServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { type Bundle, needsRoot } from '../../support/bundle.ts';
import { has } from '../../support/host/has.ts';
import {
  endpoint,
  exporterEnds,
  exportFrom,
  missing,
  PROTOCOLS,
  withBackend,
} from './exporting.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';

const options = { skip: needsRoot };
const tlsOptions = { skip: needsRoot || (has('openssl') ? false : 'no openssl') };

/** A name that no DNS server resolves: only a proxy can reach it. */
const ELSEWHERE = 'collector.invalid';

for (const protocol of PROTOCOLS) {
  test(`${protocol}: a proxy is used for other hosts, not for localhost`, options, async (t) => {
    const { receiver, bundle } = await withBackend(t);
    const { port, asked } = await proxyTo(t, receiver);
    const env = {
      HTTP_PROXY: `127.0.0.1:${port}`,
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      NO_PROXY: 'example.com,.svc,10.0.0.0/8',
    };
    const direct = await exportFrom(bundle, { ...env, ...endpoint(receiver, protocol) });
    assert.equal(direct.status, 0, direct.output);
    assert.deepEqual(asked, []);
    assert.equal(bundle.run().status, 0);
    const proxied = await exportFrom(bundle, { ...env, ...elsewhere(protocol) });
    assert.equal(proxied.status, 0, proxied.output);
    assert.deepEqual([...new Set(asked)], [`${ELSEWHERE}:4318`]);
    assert.deepEqual(missing(bundle, receiver), []);
  });
}

test('an invalid proxy URL is an error that names the variable', options, async (t) => {
  const { bundle } = await withBackend(t);
  const env = { ...elsewhere('http/json'), HTTP_PROXY: 'socks5://127.0.0.1:1' };
  const { status, output } = await exportFrom(bundle, env);
  assert.equal(status, 1);
  assert.equal(
    output,
    'davit: export: HTTP_PROXY: expected a URL such as http://proxy:3128, not "socks5://127.0.0.1:1"\n',
  );
});

const elsewhere = (protocol: string) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://${ELSEWHERE}:4318`,
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
});

for (const protocol of PROTOCOLS) {
  test(
    `${protocol}: the CA of a backend is trusted if a variable names its file`,
    tlsOptions,
    async (t) => {
      const { receiver, bundle } = await withBackend(t);
      const { certificate, port } = await behindTls(t, bundle, receiver, protocol);
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
      };
      const distrusted = await exportFrom(bundle, env, '--timeout', '0s');
      assert.match(distrusted.output, /traces .* the rest waits: .*certificate/);
      assert.doesNotMatch(distrusted.output, /--use-system-ca/);
      assert.deepEqual(receiver.received, []);
      for (const name of [
        'OTEL_EXPORTER_OTLP_CERTIFICATE',
        'NODE_EXTRA_CA_CERTS',
        'SSL_CERT_FILE',
      ]) {
        const trusted = await exportFrom(bundle, { ...env, [name]: certificate });
        assert.equal(trusted.status, 0, `${name}: ${trusted.output}`);
        assert.deepEqual(missing(bundle, receiver), [], name);
        assert.equal(bundle.run().status, 0);
      }
    },
  );
}

test("the background exporter uses the caller's settings", tlsOptions, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  const { certificate, port } = await behindTls(t, bundle, receiver, 'http/json');
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    NODE_EXTRA_CA_CERTS: certificate,
  };
  bundle.runtimeWith({ env }, 'run', '--bundle', bundle.dir, bundle.id);
  await exporterEnds(bundle);
  assert.deepEqual(missing(bundle, receiver), []);
});

test('a missing certificate file is an error that names the variable', options, async (t) => {
  const { receiver, bundle } = await withBackend(t);
  for (const name of ['OTEL_EXPORTER_OTLP_CERTIFICATE', 'NODE_EXTRA_CA_CERTS']) {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `https://localhost:${receiver.port}`,
      [name]: '/nope/ca.pem',
    };
    const { status, output } = await exportFrom(bundle, env);
    assert.equal(status, 1);
    assert.match(output, new RegExp(`^davit: export: ${name}: .*/nope/ca.pem`));
  }
});

/** A proxy that connects to `receiver` for every host. Returns the hosts that were requested. */
async function proxyTo(t: TestContext, receiver: OtlpReceiver) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, host } = new URL(request.url!);
    asked.push(host);
    const { method, headers } = request;
    const onward = { port: receiver.port, path: pathname, method, headers };
    const passed = send(onward, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  // gRPC uses CONNECT.
  server.on('connect', (request, socket) => {
    asked.push(request.url!);
    const onward = connect(receiver.grpcPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    socket.on('error', () => onward.destroy());
  });
  return { asked, port: await listening(t, server) };
}

/** Puts TLS with a self-signed certificate in front of `receiver`. */
async function behindTls(t: TestContext, bundle: Bundle, receiver: OtlpReceiver, protocol: string) {
  const [key, certificate] = [`${bundle.dir}/key.pem`, `${bundle.dir}/cert.pem`];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1'],
    ...[...subject, '-keyout', key, '-out', certificate],
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  const isGrpc = protocol === 'grpc';
  const server = createTlsServer(
    {
      key: readFileSync(key),
      cert: readFileSync(certificate),
      ALPNProtocols: [isGrpc ? 'h2' : 'http/1.1'],
    },
    (socket) => {
      const onward = connect(isGrpc ? receiver.grpcPort : receiver.port, '127.0.0.1');
      socket.on('error', () => onward.destroy());
      socket.pipe(onward).pipe(socket);
    },
  );
  return { certificate, port: await listening(t, server) };
}

async function listening(t: TestContext, server: Server | NetServer): Promise<number> {
  t.after(() => server.close());
  await once(server.listen(0), 'listening');
  return (server.address() as AddressInfo).port;
}
