import type { WayToRedis } from './way.js';

/** Redis in a container; `redis:8` comes with Search. Set REDIS_IMAGE for another version, or Valkey. */
export const docker: WayToRedis = {
  name: 'docker',
  async prepare(say) {
    // Imported late: testcontainers takes half a second to load, which the other ways shall not pay.
    const { ensureImage } = await import('../docker/image.js');
    const { runContainer } = await import('../docker/container.js');
    const image = process.env['REDIS_IMAGE'] || 'redis:8';
    await ensureImage(image, say);
    return {
      label: `docker: image ${image}`,
      launch: (lodging) => runContainer(image, lodging),
    };
  },
};
