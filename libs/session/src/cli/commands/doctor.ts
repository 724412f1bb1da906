import { findingsTable, SessionDoctor } from '../../doctor/index.js';
import type { Command } from '../command.js';
import { connect } from '../connect.js';
import { EXIT_CODES } from '../exit-code.js';

export const doctor: Command = {
  name: 'doctor',
  usages: ['doctor [url]'],
  summary: 'says what is wrong with a Redis as a home of sessions',
  details: [
    'Looks at each server behind the URL, says what is wrong with it as a home of sessions and what to do: the servers of a',
    'Cluster, even while it is down, and the replicas of a primary. Changes nothing.',
  ],
  options: {},
  async run({ url, keyPrefix, isJson, terminal }) {
    const client = await connect(url);
    try {
      const findings = await new SessionDoctor(client, keyPrefix).examine();
      if (isJson) terminal.printJson(findings, 2);
      else terminal.print(findingsTable(findings));
      const isBad = findings.some(({ severity }) => severity === 'problem');
      return isBad ? EXIT_CODES.no : EXIT_CODES.done;
    } finally {
      client.disconnect();
    }
  },
};
