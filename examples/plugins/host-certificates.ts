import { definePlugin } from 'davit/plugin';

const PLACE = '/etc/ssl/certs';

/**
 * Mounts the host's certificates over those of the image, if the image has any, so that containers
 * trust the same CAs as the host. Runs inside init: only there the image's file system is in place.
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
