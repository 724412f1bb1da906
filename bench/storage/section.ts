import type { Section } from '../requests/section.js';
import { goalsOf } from './goals.js';
import { measureStorage, type StorageResult } from './measure.js';
import { reportOf } from './report.js';

/** What sessions take in Redis, and what it costs to end many of them. */
export const storage: Section<StorageResult> = {
  name: 'storage',
  measure: measureStorage,
  report: reportOf,
  goals: goalsOf,
};
