import { CookieJar } from '../../support/browser-cookies.js';
import { lightFetch } from '../../support/light-fetch.js';

/** What a page of the site says. */
export interface Told {
  readonly user: string | null;
  readonly canary: string | null;
  readonly visits: number;
  readonly note: string | null;
}

/**
 * A browser of one user, and what it may rely on. `live`: Redis said yes to the sign-in and nobody has ended it since;
 * `unsure`: a request that may have ended or moved it got no answer; `ended`: Redis said that it is over.
 */
export class Device {
  readonly jar = new CookieJar(lightFetch);
  state: 'live' | 'unsure' | 'ended' = 'live';
  /** Visits that were acknowledged, and those that may have counted as well. */
  visits = 0;
  unansweredVisits = 0;
  /** What the note may hold: what was acknowledged last, and whatever was sent since without an answer. */
  notes: (string | null)[] = [null];
  /** When its sign-in, or the renewal of its token, was acknowledged, and when the last of its writes was. */
  signedInAt = 0;
  writtenAt = 0;

  constructor(readonly user: string) {}

  /** So that a loss is noticed once: from now on it relies on what Redis has. */
  believe({ visits, note }: Told): void {
    this.visits = visits;
    this.notes = [note];
  }

  /** What is wrong with an answer to this device; empty if nothing is. */
  wrongWith({
    user,
    canary,
    visits,
    note,
  }: Told): { kind: 'foreign' | 'lost' | 'double'; what: string }[] {
    if (user !== this.user || canary !== `canary of ${this.user}`) {
      return [{ kind: 'foreign', what: `${this.user} was shown ${canary ?? 'nothing'}` }];
    }
    const most = this.visits + this.unansweredVisits;
    const counted = `${visits} visits of ${this.user}, of ${this.visits} that were acknowledged and ${this.unansweredVisits} without an answer`;
    return [
      ...(visits < this.visits ? [{ kind: 'lost' as const, what: counted }] : []),
      ...(visits > most ? [{ kind: 'double' as const, what: counted }] : []),
      ...(this.notes.includes(note)
        ? []
        : [
            { kind: 'lost' as const, what: `a note of ${this.user} is ${note}, not ${this.notes}` },
          ]),
    ];
  }
}
