/** Where a service manager listens, of which davit is a service of Type=notify. Nothing where there is none. */
export const notifySocket = ({
  NOTIFY_SOCKET: address,
}: NodeJS.ProcessEnv): { notifySocket?: string } => (address ? { notifySocket: address } : {});
