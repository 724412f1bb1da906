import { growth } from './growth/section.js';
import { profile } from './profile/section.js';
import { storage } from '../storage/section.js';
import type { Section } from './section.js';
import { trips } from './trips/section.js';
import { works } from './works/section.js';

/** What `npm run bench` measures, in this order. */
export const SECTIONS: readonly Section[] = [works, growth, trips, storage, profile];
