import passport from 'passport';

type Done = (error: unknown, value?: unknown) => void;

type Ask = (subject: unknown, request: object, done: Done) => void;

/** With a user in place of a function, Passport asks the serialisers that it was given, one after the other. */
const asker = passport as unknown as { serializeUser: Ask; deserializeUser: Ask };

/** @throws what a serialiser throws, or an error of Passport's where there is none. */
export function serialise(user: unknown, request: object): Promise<unknown> {
  return promised((done) => asker.serializeUser(user, request, done));
}

/** @returns something false where that user is not there any more. */
export function deserialise(serialised: unknown, request: object): Promise<unknown> {
  return promised((done) => asker.deserializeUser(serialised, request, done));
}

function promised(ask: (done: Done) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    ask((error, value) => (error ? reject(error as Error) : resolve(value)));
  });
}
