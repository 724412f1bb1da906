import { type ArgumentsHost, Catch, type WsExceptionFilter } from '@nestjs/common';
import { BaseWsExceptionFilter, WsException } from '@nestjs/websockets';

interface Peer {
  readonly readyState?: number;
  send(text: string): void;
  emit(event: string, data: unknown): void;
}

/** What an application on Nest 11 and ws has to have for errors to reach its peers. */
@Catch(WsException)
class TellingFilter implements WsExceptionFilter {
  catch(exception: WsException, host: ArgumentsHost): void {
    const error = exception.getError();
    const data = typeof error === 'string' ? { status: 'error', message: error } : error;
    const client = host.switchToWs().getClient<Peer>();
    if (client.readyState === undefined) client.emit('exception', data);
    else client.send(JSON.stringify({ event: 'exception', data }));
  }
}

/** Nest 11 emits errors to a socket of ws as if it were one of socket.io, so that its peer hears nothing. */
const tellsPeersOfWs = 'isNativeWebSocket' in BaseWsExceptionFilter.prototype;
export const TELLING_FILTERS = tellsPeersOfWs ? [] : [new TellingFilter()];
