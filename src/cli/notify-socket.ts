/**
 * The service manager's socket for a service of Type=notify; empty when $NOTIFY_SOCKET is not set.
 */
export const notifySocket = ({
  NOTIFY_SOCKET: address,
}: NodeJS.ProcessEnv): { notifySocket?: string } => (address ? { notifySocket: address } : {});
