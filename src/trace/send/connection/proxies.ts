import { BlockList, isIP } from 'node:net';
import type { Environment } from '../../../config/environment.ts';

/** The variables that name proxies, as node:http and gRPC read them. */
interface Proxies {
  http_proxy?: string;
  https_proxy?: string;
}

/**
 * The proxies for a request to `url`, from HTTP_PROXY and HTTPS_PROXY. None when NO_PROXY lists the
 * host or the host is loopback: Go's rules, as davit's callers are written in Go.
 */
export function proxiesFor({ protocol, hostname, port }: URL, environment: Environment): Proxies {
  const given = (name: string) => environment[name.toUpperCase()] || environment[name] || '';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const service = { host, port: port || (protocol === 'https:' ? '443' : '80') };
  if (isLoopback(host)) return {};
  if (
    given('no_proxy')
      .split(',')
      .some((entry) => excludes(entry.trim(), service))
  )
    return {};
  return Object.fromEntries(
    (['http_proxy', 'https_proxy'] as const).flatMap((name) => {
      const proxy = given(name);
      return proxy ? [[name, checked(name, proxy)]] : [];
    }),
  );
}

function checked(name: string, proxy: string): string {
  const url = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new TypeError(
    `${name.toUpperCase()}: expected a URL such as http://proxy:3128, not ${JSON.stringify(proxy)}`,
  );
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Go's rules: `example.com` also matches its subdomains, `.example.com` and `*.example.com` only
 * them.
 */
function excludes(entry: string, { host, port }: { host: string; port: string }): boolean {
  if (entry === '*') return true;
  const [, name = '', ownPort = port] =
    /^\[?([^[\]]*?)\]?(?::(\d+))?$/.exec(isIP(entry) ? `[${entry}]` : entry) ?? [];
  if (name === '' || ownPort !== port) return false;
  if (isIP(host)) return contains(name, host);
  const domain = name.replace(/^\*?\./, '').toLowerCase();
  return host.endsWith(`.${domain}`) || (domain === name.toLowerCase() && host === domain);
}

/** `block` is an address or a CIDR block such as 10.0.0.0/8. */
function contains(block: string, address: string): boolean {
  const [network = '', length] = block.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (!isIP(network) || isIP(address) !== isIP(network)) return false;
  const most = family === 'ipv6' ? 128 : 32;
  const bits = length === undefined ? most : Number(length);
  if (!Number.isInteger(bits) || bits < 0 || bits > most) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(address, family);
}
