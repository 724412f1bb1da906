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
  const response = await send(path, {
    method,
    // Without a body there must be no content type either: Fastify refuses an empty JSON body.
    ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
  });
  if (response.status === 204) return undefined;
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  throw refusal(response, answer);
}

/** For what takes a while: `onLine` gets each line of the answer as it comes. Aborting `signal` stops the work, too. */
export async function callForLines(method, path, { onLine, signal }) {
  const headers = { Accept: 'application/x-ndjson' };
  const response = await send(path, { method, headers, signal });
  if (!response.ok) throw refusal(response, await response.json().catch(() => undefined));
  try {
    for await (const line of linesOf(response.body)) onLine(line);
  } catch (error) {
    throw signal.aborted ? error : unanswered();
  }
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = `${text}${value}`.split('\n');
    text = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

async function send(path, request) {
  try {
    return await fetch(path, request);
  } catch (error) {
    throw request.signal?.aborted ? error : unanswered();
  }
}

function unanswered() {
  return new ApiError('The shop does not answer. Is the network up?', 0);
}

function refusal(response, answer) {
  return new ApiError(inPlainWords(response, answer), response.status, answer?.code);
}

function inPlainWords({ status, headers }, answer) {
  const isAboutStore = status === 503 && answer?.code !== 'SESSION_SEARCH';
  if (!isAboutStore) return answer?.message ?? `The shop answered with an error (${status}).`;
  const seconds = Number(headers.get('Retry-After'));
  const when = seconds > 1 ? `in about ${seconds} seconds` : 'in a moment';
  return `The shop cannot reach its session store. Try again ${when}.`;
}
