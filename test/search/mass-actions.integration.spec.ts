import { atLeast, has, type Progress, type Session, type SessionError } from 'nestjs-redis-session';
import { createToken, idOfToken, type SessionId } from '../../libs/session/src/core/token.js';
import { useSearchedSite } from './support/searched-site.js';
import { describeWithSearch } from './support/with-search.js';

const MANY = 2000;
const tea = { sku: 'tea', quantity: 1 };
const pen = { sku: 'pen', quantity: 2 };

describeWithSearch('revokeWhere() and updateWhere()', () => {
  const used = useSearchedSite({ storeTimeoutMs: 30_000 });
  const search = () => used.site.search;
  const live = async (ids: readonly SessionId[]) => {
    const found = await Promise.all(ids.map((id) => used.site.repository.read(id)));
    return ids.filter((_, i) => found[i]);
  };
  const tenantOf = async (id: string) => (await used.site.service.read(id, ['tenant']))?.tenant;
  const errorOf = (act: Promise<unknown>) =>
    act.then(
      () => undefined,
      (error: SessionError) => error,
    );
  afterEach(() => search().revokeWhere({}));

  it(`ends ${MANY} sessions and no other, and tells how far it is`, async () => {
    const users = ['alice', 'bob', undefined] as const;
    const acme = await used.site.beginMany(
      MANY,
      () => ({ tenant: 'acme' }),
      (i) => users[i % 3],
    );
    const others = await used.site.beginMany(
      50,
      () => ({ tenant: 'globex' }),
      () => 'alice',
    );
    const told: Progress[] = [];
    const result = await search().revokeWhere(
      { tenant: 'acme' },
      { onProgress: (progress) => told.push(progress) },
    );
    expect(result).toEqual({
      found: MANY,
      changed: MANY,
      contested: 0,
      failed: 0,
      isComplete: true,
    });
    expect(told.length).toBeGreaterThan(10);
    expect(told.map(({ done }) => done)).toEqual(
      told.map(({ done }) => done).toSorted((a, b) => a - b),
    );
    expect(told.every(({ total }) => total === MANY)).toBe(true);
    expect(told.at(-1)).toEqual({ done: MANY, total: MANY });
    expect(await live(acme)).toEqual([]);
    expect(await live(others)).toHaveLength(50);
    expect(await used.site.repository.whyGone(acme[0]!)).toMatchObject({ reason: 'revoked' });
    expect((await used.site.repository.idsOfUser('alice')).toSorted()).toEqual(others.toSorted());
    expect(await used.site.repository.idsOfUser('bob')).toEqual([]);
    expect(await used.redis.client.exists(acme.map((id) => used.site.keyOfDocument(id)))).toBe(0);
    expect(await search().count()).toBe(50);
  });

  it(`writes ${MANY} sessions as a handler would, and the index follows`, async () => {
    const ids = await used.site.beginMany(MANY, (i) => ({ lines: [tea, pen], views: i }));
    const before = await used.redis.client.pttl(used.site.keyOfSession(ids[0]!));
    const withoutTea = (session: Session) =>
      void session.update('lines', (lines = []) => lines.filter(({ sku }) => sku !== 'tea'));
    const result = await search().updateWhere({ products: has('tea') }, withoutTea);
    expect(result).toEqual({
      found: MANY,
      changed: MANY,
      contested: 0,
      failed: 0,
      isComplete: true,
    });
    expect(await search().count({ products: has('tea') })).toBe(0);
    expect(await search().count({ products: has('pen'), total: 2 })).toBe(MANY);
    expect(await search().updateWhere({ views: atLeast(MANY - 5) }, { tenant: 'last' })).toEqual({
      found: 5,
      changed: 5,
      contested: 0,
      failed: 0,
      isComplete: true,
    });
    expect(await used.site.idsOf({ tenant: 'last' })).toEqual(ids.slice(-5).toSorted());
    // Nobody asked for these sessions, so they do not live longer for it.
    const after = await used.redis.client.pttl(used.site.keyOfSession(ids[0]!));
    expect(after).toBeLessThanOrEqual(before);
  });

  it('counts as changed only what was written', async () => {
    await used.site.begin({ tenant: 'acme', views: 1 });
    await used.site.begin({ tenant: 'acme', views: 2 });
    const odd = (session: Session) => {
      if (session.get('views') === 1) session.set('note', 'odd');
    };
    expect(await search().updateWhere({ tenant: 'acme' }, odd)).toMatchObject({
      found: 2,
      changed: 1,
    });
    expect(await search().updateWhere({ tenant: 'nobody' }, { note: 'x' })).toEqual({
      found: 0,
      changed: 0,
      contested: 0,
      failed: 0,
      isComplete: true,
    });
  });

  it.each(['revokeWhere', 'updateWhere'] as const)(
    '%s() stops when it is told to',
    async (name) => {
      const ids = await used.site.beginMany(MANY, () => ({ tenant: 'acme' }));
      const stop = new AbortController();
      const options = {
        signal: stop.signal,
        onProgress: ({ done }: Progress) => done >= 700 && stop.abort(),
      };
      const act = () =>
        name === 'revokeWhere'
          ? search().revokeWhere({ tenant: 'acme' }, options)
          : search().updateWhere({ tenant: 'acme' }, { tenant: 'moved' }, options);
      const result = await act();
      expect(result).toMatchObject({ contested: 0, failed: 0, isComplete: false });
      expect(result.found).toBe(result.changed);
      expect(result.changed).toBeGreaterThanOrEqual(700);
      expect(result.changed).toBeLessThan(800);
      expect(await search().count({ tenant: 'acme' })).toBe(MANY - result.changed);
      expect(await live(ids)).toHaveLength(name === 'revokeWhere' ? MANY - result.changed : MANY);
      expect(await act()).toEqual({
        found: 0,
        changed: 0,
        contested: 0,
        failed: 0,
        isComplete: false,
      });
    },
  );

  it('ends no session that was moved to another tenant in time, whoever is quicker', async () => {
    const ids = await used.site.beginMany(MANY, () => ({ tenant: 'acme' }));
    const writers: Promise<[id: SessionId, wasWritten: boolean]>[] = [];
    const move = async (id: SessionId): Promise<[SessionId, boolean]> => [
      id,
      await used.site.service.update(id, { tenant: 'globex' }),
    ];
    const left = [...ids];
    const result = await search().revokeWhere(
      { tenant: 'acme' },
      {
        onProgress: () => {
          // As many at a time as the other side, from both ends: some before it, some with it, some after it.
          const others = [...left.splice(-25), ...left.splice(0, 25)];
          writers.push(...others.map(move));
        },
      },
    );
    const writes = await Promise.all(writers);
    const moved = writes.filter(([, wasWritten]) => wasWritten).map(([id]) => id);
    expect(moved.length).toBeGreaterThan(0);
    expect(result.changed).toBeGreaterThan(0);
    expect((await live(ids)).toSorted()).toEqual(moved.toSorted());
    expect(await Promise.all(moved.map(tenantOf))).toEqual(moved.map(() => 'globex'));
    expect(result).toMatchObject({
      changed: MANY - moved.length,
      contested: 0,
      failed: 0,
      isComplete: true,
    });
  }, 60_000);

  it('looks again when others write between its reading and its writing', async () => {
    const id = await used.site.begin({ tenant: 'acme' });
    let calls = 0;
    const result = await search().updateWhere({ tenant: 'acme' }, (session) => {
      calls++;
      // On the same connection, so Redis gets it first.
      const moved = new Map([['tenant', { kind: 'set', text: '"globex"' } as const]]);
      void used.site.repository.commit(session.id as SessionId, moved);
      session.set('note', 'for acme only');
    });
    expect(result).toEqual({ found: 1, changed: 0, contested: 0, failed: 0, isComplete: true });
    expect(calls).toBe(1);
    expect((await used.site.service.find(id))?.data).toEqual({ tenant: 'globex' });
  });

  it('writes all the same where what others wrote does not matter to the filter', async () => {
    const id = await used.site.begin({ tenant: 'acme' });
    let calls = 0;
    const result = await search().updateWhere({ tenant: 'acme' }, (session) => {
      calls++;
      const written = new Map([['views', { kind: 'add', amount: 1 } as const]]);
      void used.site.repository.commit(session.id as SessionId, written);
      session.set('note', 'noted');
    });
    expect(result).toMatchObject({ changed: 1, contested: 0 });
    expect(calls).toBe(1);
    expect((await used.site.service.find(id))?.data).toMatchObject({ note: 'noted', views: 1 });
  });

  it('leaves a session that others never stop writing to, and says so', async () => {
    const id = await used.site.begin({ views: 1 });
    let calls = 0;
    const result = await search().updateWhere({ views: atLeast(1) }, (session) => {
      calls++;
      const counted = new Map([['views', { kind: 'add', amount: 1 } as const]]);
      void used.site.repository.commit(session.id as SessionId, counted);
      session.set('note', 'never');
    });
    expect(result).toEqual({ found: 1, changed: 0, contested: 1, failed: 0, isComplete: true });
    expect(calls).toBeGreaterThan(5);
    expect((await used.site.service.find(id))?.data).toEqual({ views: 1 + calls });
  });

  const renew = async (id: SessionId) => {
    const from = (await used.site.repository.read(id))!;
    const token = createToken(Buffer.from(id, 'base64url').toString('hex', 0, 2));
    const next = {
      id: idOfToken(token),
      token,
      userId: from.userId,
      lifetime: { idleSeconds: 600, absoluteSeconds: 3600 },
      device: from.device,
      provenAt: performance.now(),
      afterEpoch: undefined,
    };
    const how = { isAuthenticated: false, alias: undefined, keepsData: true } as const;
    const renewal = { kind: 'renewed', from, next, ...how, changes: new Map() } as const;
    return { newId: next.id, run: () => used.site.repository.renew(renewal) };
  };

  it('follows a session that gets a new token between its reading and its writing', async () => {
    const id = await used.site.begin({ tenant: 'acme' }, 'alice');
    const { newId, run } = await renew(id);
    // From now on the script is known to Redis, and is one command.
    await (await renew(await used.site.begin({}))).run();
    let calls = 0;
    const result = await search().updateWhere({ tenant: 'acme' }, (session) => {
      if (calls++ === 0) void run();
      session.set('note', 'noted');
    });
    expect(result).toEqual({ found: 1, changed: 1, contested: 0, failed: 0, isComplete: true });
    expect(calls).toBe(2);
    expect((await used.site.service.find(newId))?.data).toMatchObject({ note: 'noted' });
  });

  it('ends a session that got a new token after the search named the old one', async () => {
    const id = await used.site.begin({ tenant: 'acme' }, 'alice');
    const document = await used.redis.client.hgetall(used.site.keyOfDocument(id));
    const { newId, run } = await renew(id);
    await run();
    await used.redis.client.hset(used.site.keyOfDocument(id), document);
    await used.redis.client.del(used.site.keyOfDocument(newId));
    expect(await search().revokeWhere({ tenant: 'acme' })).toMatchObject({ found: 1, changed: 1 });
    expect(await live([id, newId])).toEqual([]);
    await used.redis.client.del(used.site.keyOfDocument(id));
  });

  it('ends each session once, though two do it at once', async () => {
    await used.site.beginMany(500, () => ({ tenant: 'acme' }));
    const results = await Promise.all([
      search().revokeWhere({ tenant: 'acme' }),
      search().revokeWhere({ tenant: 'acme' }),
    ]);
    expect(results.reduce((sum, { changed }) => sum + changed, 0)).toBe(500);
  });

  it.each<[what: string, act: (session: Session) => void]>([
    ['signs somebody in', (session) => session.signIn('bob')],
    ['gives a new token', (session) => session.renew()],
    ['ends the session', (session) => session.destroy()],
  ])('refuses a function that %s', async (_, act) => {
    const id = await used.site.begin({ tenant: 'acme' }, 'alice');
    const error = await errorOf(
      search().updateWhere({ tenant: 'acme' }, (session) => {
        session.set('note', 'x');
        act(session);
      }),
    );
    expect(error).toMatchObject({ code: 'SESSION_STATE' });
    expect(String(error)).toContain('revokeWhere()');
    const found = await used.site.service.find(id);
    expect(found).toMatchObject({ userId: 'alice', data: { tenant: 'acme' } });
    expect(await used.site.repository.idsOfUser('bob')).toEqual([]);
  });

  it('passes on what a function throws', async () => {
    await used.site.begin({ tenant: 'acme' });
    const mistake = new RangeError('a mistake of the application');
    const failing = search().updateWhere({ tenant: 'acme' }, () => {
      throw mistake;
    });
    expect(await errorOf(failing)).toBe(mistake);
  });

  it('ends all with {}', async () => {
    await used.site.beginMany(10, (i) => (i % 2 === 0 ? { tenant: 'acme' } : {}));
    expect(await search().revokeWhere({})).toMatchObject({ found: 10, changed: 10 });
    expect(await search().count()).toBe(0);
  });
});
