import { register } from 'node:module';

// Loaded by `--import` in front of a run of specs: the mutant is in what Node reads, and in no file.
if (process.env.LUA_MUTANT) {
  register('./mutant-hooks.mjs', import.meta.url, { data: JSON.parse(process.env.LUA_MUTANT) });
}
