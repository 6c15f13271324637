import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { tlsFiles, trustAuthorities } from './certificates.ts';
import type { Destination } from './destination.ts';
import { proxiesFor } from './proxies.ts';
import type { Environment } from './signals.ts';

/** Makes the SDK's HTTP exporters ask for a connection here. */
export type AgentFactory = (protocol: string) => Agent;

/** How requests over HTTP get to `destination`. Throws for what the environment says wrong. */
export function agentFactory({ url, signal }: Destination, environment: Environment): AgentFactory {
  const proxyEnv = { ...proxiesFor(new URL(url), environment) };
  const files = tlsFiles(environment, signal);
  return (protocol) =>
    protocol === 'https:'
      ? new TlsAgent({ keepAlive: true, proxyEnv, ...files })
      : new Agent({ keepAlive: true, proxyEnv });
}

/** Does for this process what no connection can be told by itself; before the first is made. */
export function prepareConnections(
  destinations: readonly Destination[],
  environment: Environment,
): void {
  if (destinations.some(({ url }) => url.startsWith('https:'))) trustAuthorities(environment);
  for (const { protocol, url } of destinations) {
    if (protocol === 'grpc') tellGrpc(new URL(url), environment);
  }
}

/** gRPC takes its proxies from variables alone, and with other rules than {@link proxiesFor}. */
function tellGrpc(url: URL, environment: Environment): void {
  const proxies = proxiesFor(url, environment);
  Object.assign(process.env, proxies);
  if (Object.keys(proxies).length > 0) return;
  const { no_grpc_proxy: before } = process.env;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  process.env.no_grpc_proxy = [before, host].filter(Boolean).join(',');
}
