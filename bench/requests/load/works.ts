/** What a request of the benchmark is about. */
export interface Work {
  readonly title: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Whether it comes from a visitor who has a session. */
  readonly hasCookie: boolean;
  /** The whole body of a right answer. */
  readonly answer: RegExp;
}

const DARK = /^\{"theme":"dark"\}$/;

export const WORKS = {
  read: { title: 'read', method: 'GET', path: '/read', hasCookie: true, answer: DARK },
  field: { title: 'read one field', method: 'GET', path: '/field', hasCookie: true, answer: DARK },
  write: {
    title: 'write one field',
    method: 'POST',
    path: '/write',
    hasCookie: true,
    answer: /^\{"views":[1-9]\d*\}$/,
  },
  stranger: {
    title: 'read of a stranger',
    method: 'GET',
    path: '/stranger',
    hasCookie: false,
    answer: /^\{\}$/,
  },
  'sign-in': {
    title: 'sign in',
    method: 'POST',
    path: '/sign-in',
    hasCookie: false,
    answer: /^\{"ok":true\}$/,
  },
} as const satisfies Record<string, Work>;

export type WorkName = keyof typeof WORKS;
