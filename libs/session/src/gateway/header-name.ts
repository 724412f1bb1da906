/** HTTP gives no meaning to such names. No `_`: nginx drops it, and what lies behind CGI or WSGI takes it for a `-`. */
const NAME = /^(?:x|remote)(?:-[a-z0-9]+)+$/i;
const MOST_CHARACTERS = 64;

/** What proxies act upon, and what this library uses. */
const TAKEN =
  /^x-(?:(?:accel|envoy|sendfile)(?:-.*)?|real-ip|forwarded-(?:for|host|method|port|prefix|proto|server|uri)|session-(?:token|code))$/i;

export const NAME_RULE = `a name that begins with X- or Remote-, of letters, digits and -, ${MOST_CHARACTERS} characters at most, and none that proxies or this library use`;

export function isHeaderName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name.length <= MOST_CHARACTERS &&
    NAME.test(name) &&
    !TAKEN.test(name)
  );
}

/** `displayName` and `display_name` become `X-Session-Display-Name`. Not every field has a name that can be one of a header. */
export function defaultHeaderOf(field: string): string {
  const words = field.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').split(/[-_]/);
  return ['X-Session', ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join(
    '-',
  );
}
