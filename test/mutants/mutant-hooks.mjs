let mutant;

/** @param given the file of a script in the built library, a piece of its Lua, and what takes its place. */
export function initialize(given) {
  mutant = given;
}

export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (!url.endsWith(`/libs/session/dist/redis/scripts/${mutant.script}.js`)) return loaded;
  const source = String(loaded.source);
  if (!source.includes(mutant.from)) throw new Error(`${url} does not hold the Lua to be mutated.`);
  return { ...loaded, source: source.split(mutant.from).join(mutant.to) };
}
