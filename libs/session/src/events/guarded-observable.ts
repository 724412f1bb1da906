import { Logger } from '@nestjs/common';
import { Observable, type Observer, type Operator, type Subscription } from 'rxjs';
import { asError } from '../core/as-error.js';

type Next<T> = (value: T) => unknown;
type Failed = (error: unknown) => unknown;

/**
 * An observable whose subscribers cannot end the process: what they throw, or reject with, is logged. RxJS would throw it as an
 * uncaught exception. What `pipe()` makes of it is one, too.
 */
export class GuardedObservable<T> extends Observable<T> {
  constructor(source?: Observable<T>) {
    super();
    // As `asObservable()` does it.
    if (source) (this as { source?: Observable<T> }).source = source;
  }

  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new GuardedObservable<R>();
    return Object.assign(lifted, { source: this, operator });
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | Next<T> | null,
    error?: Failed | null,
    complete?: (() => void) | null,
  ): Subscription {
    // RxJS subscribes its own operators, which hand errors on.
    if (isSubscriber(observerOrNext)) return super.subscribe(observerOrNext);
    const observer: Partial<Observer<T>> =
      typeof observerOrNext === 'object' && observerOrNext !== null
        ? observerOrNext
        : defined({ next: observerOrNext, error, complete });
    return super.subscribe({
      next: (value) => guard(() => observer.next?.(value)),
      error: (reason) => guard(() => (observer.error ? observer.error(reason) : raise(reason))),
      complete: () => guard(() => observer.complete?.()),
    });
  }
}

const logger = new Logger('SessionEvents');

function guard(act: () => unknown): void {
  try {
    // For what is not a promise it costs a microtask.
    const result = act();
    if (isThenable(result)) Promise.resolve(result).catch(report);
  } catch (error) {
    report(error);
  }
}

function report(thrown: unknown): void {
  const error = asError(thrown);
  logger.error(`A subscriber of session events failed: ${String(error)}`, error.stack);
}

function raise(reason: unknown): never {
  throw reason;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}

function isSubscriber<T>(observer: unknown): observer is Observer<T> {
  const { add, unsubscribe } = (observer ?? {}) as Partial<Subscription>;
  return typeof add === 'function' && typeof unsubscribe === 'function';
}

function defined<T>(observer: {
  next?: Next<T> | null | undefined;
  error?: Failed | null | undefined;
  complete?: (() => void) | null | undefined;
}): Partial<Observer<T>> {
  const entries = Object.entries(observer).filter(([, listener]) => listener);
  return Object.fromEntries(entries) as Partial<Observer<T>>;
}
