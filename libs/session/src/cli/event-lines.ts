import type { SessionEvent, SessionEventGap } from '../events/session-event.js';
import { localTime } from './moments.js';

const TYPE_WIDTH = 'signed-out'.length;

/** When, what, which session, whose; then what the type has besides. */
export function eventText(event: SessionEvent): string {
  const { type, sessionId, userId, at, instance } = event;
  const parts = [localTime(at), type.padEnd(TYPE_WIDTH), sessionId, userId ?? '-'];
  return [...parts, ...particulars(event), ...(instance ? [`by ${instance}`] : [])].join('  ');
}

function particulars(event: SessionEvent): string[] {
  const parts: string[] = [];
  if ('reason' in event) parts.push(event.reason);
  if ('isAdopted' in event && event.isAdopted) parts.push('adopted');
  if ('previousId' in event && event.previousId) parts.push(`was ${event.previousId}`);
  if ('fields' in event && event.fields.length > 0) parts.push(`fields ${event.fields.join(', ')}`);
  return parts;
}

/** As the application gets it, with the moment in UTC and `null` for what is not known. */
export function eventJson(event: SessionEvent) {
  const { type, sessionId, at, userId = null, instance = null, ...others } = event;
  return { type, at: new Date(at).toISOString(), sessionId, userId, instance, ...others };
}

export function gapText({ since, until }: SessionEventGap): string {
  return `${localTime(until)}  ${'gap'.padEnd(TYPE_WIDTH)}  events since ${localTime(since)} may have been missed`;
}

export function gapJson({ since, until }: SessionEventGap) {
  return { type: 'gap', at: iso(until), since: iso(since) };
}

function iso(moment: number): string {
  return new Date(moment).toISOString();
}
