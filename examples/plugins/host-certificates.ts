import { definePlugin } from 'davit/plugin';

const PLACE = '/etc/ssl/certs';

/**
 * Mounts the host's certificates over the image's, if the image has any, so that containers trust
 * the same CAs as the host. Runs inside init, because only init sees the image's file system.
 */
export default definePlugin({
  name: 'host-certificates',
  inContainer: {
    before: {
      pivotRoot({ exists, mount }) {
        if (!exists(PLACE)) return;
        mount({ destination: PLACE, type: 'bind', source: PLACE, options: ['rbind', 'ro'] });
      },
    },
  },
});
