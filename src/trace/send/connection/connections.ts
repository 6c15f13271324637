import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import type { Environment } from '../../../config/environment.ts';
import type { Signal } from '../signals.ts';
import { trustAuthorities, tryTlsFiles } from './certificates.ts';
import { proxiesFor } from './proxies.ts';

/**
 * Makes node:http and node:https use the proxies in process.env, which {@link prepareConnection}
 * sets. The SDK makes its own HTTP agents and accepts no other; gRPC reads the variables itself.
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
 * Prepares connections to `url` with the caller's proxies and CAs. Throws for invalid variables.
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
