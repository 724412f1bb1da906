import { setImmediate as turn } from 'node:timers/promises';
import { UseGuards } from '@nestjs/common';
import {
  Args,
  Field,
  Int,
  Mutation,
  ObjectType,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import {
  AllowAnonymous,
  RequireFreshSignIn,
  Session,
  SessionGuard,
  SessionOptional,
} from 'nestjs-redis-session';

/** What a test lets happen while a mutation is under way. */
export const accident = { happen: async (): Promise<void> => undefined };

@Resolver()
@UseGuards(SessionGuard)
export class GuardedResolver {
  @Query(() => String) secret(@Session() session: Session): string {
    return session.userId!;
  }
  @Query(() => String, { nullable: true }) secretNote(@Session('note') note: string | undefined) {
    return note;
  }
  @Query(() => String) @AllowAnonymous() open(): string {
    return 'to all';
  }
  @Query(() => String) @RequireFreshSignIn(60) fresh(): string {
    return 'fresh';
  }
  @Query(() => String) @RequireFreshSignIn(-1) stale(): string {
    return 'never';
  }
}

@Resolver()
export class VisitorResolver {
  @Query(() => String, { nullable: true }) userId(@Session() session: Session) {
    return session.userId;
  }
  @Query(() => String, { nullable: true }) note(@Session('note') note: string | undefined) {
    return note;
  }
  @Query(() => Int, { nullable: true }) count(@Session('count') count: number | undefined) {
    return count;
  }
  @Query(() => Boolean) @SessionOptional() isUnavailable(@Session() session: Session): boolean {
    return session.isUnavailable;
  }
  @Mutation(() => Boolean) write(@Session() session: Session, @Args('note') note: string) {
    session.set('note', note);
    return true;
  }
  @Mutation(() => Int) visit(@Session() session: Session): number {
    return session.increment('count');
  }
  @Mutation(() => Boolean) signIn(@Session() session: Session, @Args('user') user: string) {
    session.signIn(user);
    return true;
  }
  @Mutation(() => Boolean) signOut(@Session() session: Session): boolean {
    session.destroy();
    return true;
  }
  @Mutation(() => Boolean) async writeInAnAccident(@Session() session: Session): Promise<boolean> {
    session.set('note', 'lost');
    await accident.happen();
    return true;
  }
  @Subscription(() => String) userIds(@Session() session: Session): AsyncIterable<unknown> {
    return (async function* () {
      yield { userIds: String(session.userId) };
    })();
  }
}

@ObjectType()
export class Page {
  @Field(() => String) title!: string;
}

@Resolver(() => Page)
export class PageResolver {
  @Query(() => Page) page(): Page {
    return { title: 'Shop' };
  }
  @ResolveField(() => Int) async seen(@Session() session: Session): Promise<number> {
    await turn();
    return session.increment('count');
  }
}

export const RESOLVERS = [GuardedResolver, VisitorResolver, PageResolver];
