import type { Finding } from '../doctor/finding.js';

/** A Cluster did not do what it was asked, and what is wrong with its servers. */
export class ClusterFailure extends Error {
  readonly sentences: readonly string[];

  constructor(
    override readonly cause: unknown,
    findings: readonly Finding[],
  ) {
    super();
    this.sentences = findings
      .filter(({ severity }) => severity !== 'ok')
      .map(({ check, finding }) => `${check}: ${finding}.`);
  }
}
