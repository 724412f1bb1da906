/** What a handler needs of Node's response to write to it by itself. */
export interface RawResponse {
  write(text: string): void;
  end(): void;
  setHeader(name: string, value: string): void;
}

/** What `@Res()` gives: Node's response on Express, and Fastify's around it. */
export type PlatformResponse = { raw?: RawResponse; hijack?(): void } & Partial<RawResponse>;

/** The platform answers nothing from here on. */
export function rawOf(response: PlatformResponse): RawResponse {
  response.hijack?.();
  return response.raw ?? (response as RawResponse);
}
