// `node --import` this, and the library runs as another release of it: the layout is the same, and no script has the
// digest that it has elsewhere.
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  if (!url.endsWith('/dist/redis/script.js')) return loaded;
  const source = String(loaded.source);
  const changed = source.replace(
    /constructor\(source\b.*\{$/m,
    '$& source += "\\n-- another release";',
  );
  if (changed === source) throw new Error('The class of scripts is not as expected here.');
  return { ...loaded, source: changed };
}
