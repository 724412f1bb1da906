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
      const judge = async () => {
        const refusal = await handshakes.judge(request);
        allow(refusal?.code, !refusal);
      };
      if (!own.allowRequest) return void judge();
      own.allowRequest(request, (refusal, isAllowed) => {
        if (isAllowed) void judge();
        else allow(refusal, false);
      });
    },
    // ws counts the parameters: with two, the answer may come later.
    verifyClient(info, verify) {
      const judge = async () => {
        const refusal = await handshakes.judge(info.req);
        verify(!refusal, refusal?.status, refusal?.code);
      };
      askFirst(own.verifyClient, info, (isVerified, ...rest) => {
        if (isVerified) void judge();
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
