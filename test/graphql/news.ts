import { EventEmitter, on } from 'node:events';
import { UseGuards } from '@nestjs/common';
import {
  Args,
  Field,
  Mutation,
  ObjectType,
  Parent,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import { Session, SessionGuard } from 'nestjs-redis-session';

@ObjectType()
export class News {
  @Field(() => String) title!: string;
}

/** What all applications of this process tell their subscribers. */
const emitter = new EventEmitter();

export function tell(topic: string, title: string): void {
  emitter.emit(topic, { news: { title } });
}

/** What was published by whoever may, be they strangers. */
export const published: string[] = [];

export function listenersOf(topic: string): number {
  return emitter.listenerCount(topic);
}

function eventsOf(topic: string): AsyncIterableIterator<unknown> {
  const events = on(emitter, topic) as AsyncIterableIterator<[unknown]>;
  return {
    async next() {
      const { done, value } = await events.next();
      return done ? { done, value: undefined } : { done: false, value: (value as [unknown])[0] };
    },
    async return() {
      await events.return!();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Subscriptions that do with sessions whatever a test asks for. */
@Resolver(() => News)
export class NewsResolver {
  @Subscription(() => News) news(@Args('topic') topic: string) {
    return eventsOf(topic);
  }
  @Subscription(() => News, { resolve: ({ news }: { news: News }) => news })
  @UseGuards(SessionGuard)
  membersNews(@Args('topic') topic: string) {
    return eventsOf(topic);
  }
  @Subscription(() => News, {
    resolve: ({ news }: { news: News }) => news,
    filter: ({ news }: { news: News }) => news.title !== 'private',
  })
  countedNews(@Session() session: Session, @Args('topic') topic: string) {
    session.increment('count');
    return eventsOf(topic);
  }

  @Mutation(() => Boolean) publish(@Args('title') title: string): boolean {
    published.push(title);
    return true;
  }

  @ResolveField(() => String, { nullable: true }) note(@Session('note') note: string | undefined) {
    return note;
  }
  @ResolveField(() => String, { nullable: true }) reader(@Session() session: Session) {
    return session.userId;
  }
  @ResolveField(() => String, { nullable: true })
  @UseGuards(SessionGuard)
  secret(@Session() session: Session) {
    return session.userId;
  }
  @ResolveField(() => Boolean) remember(@Session() session: Session, @Parent() { title }: News) {
    session.set('note', title);
    return true;
  }
  @Mutation(() => News) writeNews(@Session() session: Session, @Args('note') note: string): News {
    session.set('note', note);
    return { title: note };
  }
}
