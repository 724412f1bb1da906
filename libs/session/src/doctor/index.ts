/**
 * What is wrong with a Redis as a home of sessions. It reads, and changes nothing.
 *
 * @module nestjs-redis-session/doctor
 */

export { SessionDoctor } from './session-doctor.js';
export { findingsTable } from './findings-table.js';
export type { Finding, Severity } from './finding.js';
