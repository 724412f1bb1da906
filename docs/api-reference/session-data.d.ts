// oxlint-disable typescript/no-explicit-any -- a field of any kind, a number among them, which can be counted up.

// The reference is made as for an application with a field of every name: without any, TypeDoc shows `never` wherever
// the source says `SessionField`.
export type { SessionData } from '../../libs/session/src/session-data.js';

declare module '../../libs/session/src/session-data.js' {
  interface SessionData {
    /** Your own fields stand here. */
    [field: string]: any;
    /** @internal With a second one, TypeScript leaves `SessionData[K]` as it is written. */
    [index: number]: any;
  }
}
