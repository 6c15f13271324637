import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import type { Environment, Signal } from '../signals.ts';
import { trustAuthorities, tryTlsFiles } from './certificates.ts';
import { proxiesFor } from './proxies.ts';

/**
 * Has this process connect as its variables say, which {@link prepareConnection} fills. gRPC does so by
 * itself. The SDK makes agents for HTTP and gives nobody a say in it.
 */
export function connectByVariables(): void {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
    delete process.env[name];
    delete process.env[name.toUpperCase()];
  }
  const proxyEnv = process.env;
  class Agent extends http.Agent {
    constructor(options: http.AgentOptions) {
      super({ proxyEnv, ...options });
    }
  }
  class TlsAgent extends https.Agent {
    constructor(options: https.AgentOptions) {
      super({ proxyEnv, ...options });
    }
  }
  const keepAlive = true;
  Object.assign(http, { Agent, globalAgent: new Agent({ keepAlive }) });
  Object.assign(https, { Agent: TlsAgent, globalAgent: new TlsAgent({ keepAlive }) });
  syncBuiltinESMExports();
}

/**
 * Prepares connections to `url`: through the caller's proxies, and trusting its CAs. Throws for what the
 * environment says wrong.
 */
export function prepareConnection(url: URL, environment: Environment, signal: Signal): void {
  if (url.protocol === 'https:') {
    trustAuthorities(environment);
    tryTlsFiles(environment, signal);
  }
  const proxies = proxiesFor(url, environment);
  Object.assign(process.env, proxies);
  if (Object.keys(proxies).length > 0) return;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  for (const name of ['no_proxy', 'no_grpc_proxy']) {
    process.env[name] = [process.env[name], host].filter(Boolean).join(',');
  }
}
