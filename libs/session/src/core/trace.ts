import { tracingChannel, type TracingChannel } from 'node:diagnostics_channel';
import { SessionError } from '../session.errors.js';
import type { SessionChannels, SessionMessage, SessionRevokeMessage } from './session-channels.js';

type Channel<Name extends keyof SessionChannels> = TracingChannel<unknown, SessionChannels[Name]>;

export const loads: Channel<'nestjs-redis-session:load'> = channel('load');
export const saves: Channel<'nestjs-redis-session:save'> = channel('save');
export const holds: Channel<'nestjs-redis-session:hold'> = channel('hold');
export const touches: Channel<'nestjs-redis-session:touch'> = channel('touch');
export const revocations: Channel<'nestjs-redis-session:revoke'> = channel('revoke');
export const storeCalls: Channel<'nestjs-redis-session:store'> = channel('store');

/**
 * Does something, and publishes to a channel when it begins and when it is over. Not by `tracePromise` of the channel, which
 * publishes the very value and the very error: those hold what people store.
 *
 * Ask `hasSubscribers` first: then nothing is made where nobody listens.
 */
export function trace<Message extends SessionMessage<unknown, unknown>, Value>(
  { start, end, asyncStart, asyncEnd, error }: TracingChannel<unknown, Message>,
  message: NoInfer<Message>,
  act: () => Promise<Value>,
  resultOf: (value: Value) => Message['result'],
  failureOf: (thrown: unknown) => Message['error'] = codeOf,
): Promise<Value> {
  const settle = () => {
    asyncStart.publish(message);
    asyncEnd.publish(message);
  };
  return start.runStores(message, () => {
    const done = act().then(
      (value) => {
        message.result = resultOf(value);
        settle();
        return value;
      },
      (thrown: unknown) => {
        message.error = failureOf(thrown);
        error.publish(message);
        settle();
        throw thrown;
      },
    );
    end.publish(message);
    return done;
  });
}

export function traceRevoke<Value>(
  of: SessionRevokeMessage['of'],
  act: () => Promise<Value>,
  countOf: (value: Value) => number,
): Promise<Value> {
  return revocations.hasSubscribers ? trace(revocations, { of }, act, countOf) : act();
}

function channel<Message extends object>(name: string): TracingChannel<unknown, Message> {
  return tracingChannel<unknown, Message>(`nestjs-redis-session:${name}`);
}

function codeOf(thrown: unknown) {
  return thrown instanceof SessionError ? thrown.code : 'OTHER';
}
