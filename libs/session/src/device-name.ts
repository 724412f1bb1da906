import Bowser from 'bowser';

/**
 * A name that a person recognises their device by, such as `Chrome on Linux` or `Safari on iPhone`. Browsers say what
 * they like about themselves, so it is for people to read and for nothing to depend on.
 */
export function deviceName(agent: string | undefined): string | undefined {
  if (!agent) return undefined;
  const { browser, os, platform } = Bowser.parse(agent);
  // Scripts introduce themselves by name and version: curl/8.11.1.
  const name = browser.name || agent.split(/[/\s]/, 1)[0];
  const place = platform.model || os.name;
  return place ? `${name} on ${place}` : name;
}
