import { definePlugin } from 'davit/plugin';

const PLACE = '/etc/ssl/certs';

/**
 * Containers trust whom the host trusts: its certificates are mounted over those of the image, where
 * the image has any. What the image holds is only known inside, once its file system is in place.
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
