import Bowser from 'bowser';

const MOST_REMEMBERED = 500;
const remembered = new Map<string, string | undefined>();

/**
 * A name that a person recognises their device by, such as `Chrome on Linux` or `Safari on iPhone`. Browsers say what
 * they like about themselves, so it is for people to read and for nothing to depend on.
 */
export function deviceName(agent: string | undefined): string | undefined {
  if (!agent) return undefined;
  // Reading one takes 15 microseconds, and many sessions have the same.
  const known = remembered.get(agent);
  if (known !== undefined) return known;
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  const name = nameOf(agent);
  remembered.set(agent, name);
  return name;
}

function nameOf(agent: string): string | undefined {
  const { browser, os, platform } = Bowser.parse(agent);
  // Scripts introduce themselves by name and version: curl/8.11.1.
  const name = browser.name || agent.split(/[/\s]/, 1)[0];
  const place = platform.model || os.name;
  return place ? `${name} on ${place}` : name;
}
