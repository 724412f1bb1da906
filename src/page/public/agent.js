const SIGNS = [
  [/iPhone|iPad|Android/, 'phone'],
  [/Mozilla\//, 'laptop'],
];

/** The sign beside a device. Browsers call themselves Mozilla, the programs of a terminal do not. */
export function signOfAgent(agent = '') {
  return SIGNS.find(([pattern]) => pattern.test(agent))?.[1] ?? 'terminal';
}
