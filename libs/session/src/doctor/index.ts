export { SessionDoctor } from './session-doctor.js';
export { findingsTable } from './findings-table.js';
export type { Finding, Severity } from './finding.js';
