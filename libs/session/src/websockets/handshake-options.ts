import type { IncomingMessage } from 'node:http';
import type { Handshakes } from '../sockets/handshakes.js';

type Allow = (refusal: string | null | undefined, isAllowed: boolean) => void;
type Verify = (isVerified: boolean, status?: number, text?: string, headers?: object) => void;
type AllowRequest = (request: IncomingMessage, allow: Allow) => void;
type VerifyClient = (info: { readonly req: IncomingMessage }, verify: Verify) => unknown;

/** What servers of socket.io and of ws ask before there is a socket; each knows the one that is its own. */
export interface HandshakeOptions {
  allowRequest?: AllowRequest;
  verifyClient?: VerifyClient;
}

/** With the questions that the application itself has, first. */
export function handshakeOptions(
  own: HandshakeOptions,
  handshakes: Handshakes,
): Required<HandshakeOptions> {
  return {
    allowRequest(request, allow) {
      const judge = () => handshakes.answer(request, (refusal) => allow(refusal?.code, !refusal));
      if (!own.allowRequest) return judge();
      own.allowRequest(request, (refusal, isAllowed) => {
        if (isAllowed) judge();
        else allow(refusal, false);
      });
    },
    // ws counts the parameters: with two, the answer may come later.
    verifyClient(info, verify) {
      const judge = () =>
        handshakes.answer(info.req, (refusal) => verify(!refusal, refusal?.status, refusal?.code));
      askFirst(own.verifyClient, info, (isVerified, ...rest) => {
        if (isVerified) judge();
        else verify(false, ...rest);
      });
    },
  };
}

function askFirst(own: VerifyClient | undefined, info: Parameters<VerifyClient>[0], then: Verify) {
  if (!own) then(true);
  else if (own.length === 2) own(info, then);
  else then(Boolean(own(info, then)));
}
