import { randomUUID } from 'node:crypto';
import type { AuthRequest } from './auth.controller.js';
import { people } from './people.js';

const KEY = 'oauth2:provider.example.com';

interface Kept {
  state?: { handle: string; issued: Date };
}

/**
 * Sends the visitor to a provider and lets them in when they come back with the state that it gave them: kept in
 * `req.session`, an object of an object, with a date in it and something that is not defined.
 */
export class ProviderStrategy {
  readonly name = 'provider';
  declare redirect: (url: string) => void;
  declare fail: (challenge: { message: string }, status: number) => void;
  declare success: (user: unknown) => void;

  authenticate({ query, session }: AuthRequest): void {
    if (query['state'] === undefined) {
      const handle = randomUUID();
      if (!session[KEY]) session[KEY] = {};
      const kept = session[KEY] as Kept & { nonce?: undefined };
      kept.state = { handle, issued: new Date() };
      kept.nonce = undefined;
      return this.redirect(`https://provider.example.com/authorize?state=${handle}`);
    }
    const kept = session[KEY] as Kept | undefined;
    if (!kept?.state) return this.fail({ message: 'There is no state.' }, 403);
    const { handle, issued } = kept.state;
    delete kept.state;
    if (Object.keys(kept).length === 0) delete session[KEY];
    if (handle !== query['state'] || Number.isNaN(Date.parse(String(issued)))) {
      return this.fail({ message: 'That is another state.' }, 403);
    }
    this.success(people.get('alice'));
  }
}
