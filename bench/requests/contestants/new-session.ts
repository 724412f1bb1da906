import { randomBytes } from 'node:crypto';

/** The body of a sign-in. */
export interface SignIn {
  readonly user: string;
  /** What the session's fields come to, apart from their names. */
  readonly bytes: number;
}

export interface SessionFields {
  theme: 'dark';
  views: number;
  [part: string]: string | number;
}

const PARTS = 10;

/** Ten fields of equal length, and two small ones. The text is random: it does not compress to nothing. */
export function newSession({ bytes }: SignIn): SessionFields {
  const length = Math.floor(bytes / PARTS);
  const text = randomBytes(PARTS * length).toString('base64url');
  const session: SessionFields = { theme: 'dark', views: 0 };
  for (let i = 0; i < PARTS; i++) session[`part${i}`] = text.slice(i * length, (i + 1) * length);
  return session;
}
