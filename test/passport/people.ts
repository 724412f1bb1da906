import { Injectable } from '@nestjs/common';
import { PassportSerializer, PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-local';

export interface Person {
  readonly name: string;
  /** What the serialiser makes of them. */
  readonly serialised: unknown;
}

/** Everybody's password is their name. */
export const people = new Map<string, Person>();

/** Where the serialiser looks people up. */
export const directory = { isAway: false };

/** Who they are at the beginning of a test. */
export function populate(): void {
  people.clear();
  directory.isAway = false;
  const serialised = { alice: 'alice', bob: 7, carol: { id: 'carol', since: new Date(0) } };
  for (const [name, form] of Object.entries(serialised))
    people.set(name, { name, serialised: form });
  people.set('olga', { name: 'olga', serialised: new Error('The directory does not answer.') });
}

@Injectable()
export class PasswordStrategy extends PassportStrategy(Strategy) {
  validate(name: string, password: string): Person | false {
    return name === password && (people.get(name) ?? false);
  }
}

type Done = (error: unknown, value?: unknown) => void;

@Injectable()
export class PersonSerializer extends PassportSerializer {
  serializeUser({ serialised }: Person, done: Done): void {
    if (serialised instanceof Error) done(serialised);
    else done(null, serialised);
  }

  deserializeUser(payload: unknown, done: Done): void {
    if (directory.isAway) return done(new Error('The directory does not answer.'));
    const key = JSON.stringify(payload);
    const found = [...people.values()].find(({ serialised }) => JSON.stringify(serialised) === key);
    done(null, found ?? false);
  }
}
