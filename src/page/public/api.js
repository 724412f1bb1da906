/** `message` is fit to be shown to people; `status` is 0 when the shop itself did not answer. */
export class ApiError extends Error {
  constructor(message, status, code) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

export async function call(method, path, body) {
  const response = await send(method, path, body);
  if (response.status === 204) return undefined;
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  throw new ApiError(inPlainWords(response, answer), response.status, answer?.code);
}

async function send(method, path, body) {
  try {
    return await fetch(path, {
      method,
      // Without a body there must be no content type either: Fastify refuses an empty JSON body.
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json' },
      }),
    });
  } catch {
    throw new ApiError('The shop does not answer. Is the network up?', 0);
  }
}

function inPlainWords({ status, headers }, answer) {
  if (status !== 503) return answer?.message ?? `The shop answered with an error (${status}).`;
  const seconds = Number(headers.get('Retry-After'));
  const when = seconds > 1 ? `in about ${seconds} seconds` : 'in a moment';
  return `The shop cannot reach its session store. Try again ${when}.`;
}
