const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS = [
  [/iPhone/, 'iPhone', 'phone'],
  [/iPad/, 'iPad', 'phone'],
  [/Android/, 'Android', 'phone'],
  [/Windows/, 'Windows', 'laptop'],
  [/Mac OS X|Macintosh/, 'a Mac', 'laptop'],
  [/CrOS/, 'ChromeOS', 'laptop'],
  [/Linux/, 'Linux', 'laptop'],
];

/** A guess for people to recognise their device by, and no more than that. */
export function describeAgent(agent = '') {
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1];
  const [, system, kind] = SYSTEMS.find(([pattern]) => pattern.test(agent)) ?? [];
  if (browser)
    return { name: system ? `${browser} on ${system}` : browser, kind: kind ?? 'laptop' };
  const [program] = agent.split(/[/\s]/);
  return { name: program || 'Unknown program', kind: 'terminal' };
}
