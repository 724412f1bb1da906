import type { Entrant } from '../contestants/roster.js';

/** Whose sessions become more. */
export const GROWING: readonly Entrant[] = ['express/ours', 'express/express-session'];
