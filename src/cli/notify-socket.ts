import type { Environment } from '../config/environment.ts';
/**
 * The service manager's socket for a service of Type=notify; empty when $NOTIFY_SOCKET is not set.
 */
export const notifySocket = ({ NOTIFY_SOCKET: address }: Environment): { notifySocket?: string } =>
  address ? { notifySocket: address } : {};
