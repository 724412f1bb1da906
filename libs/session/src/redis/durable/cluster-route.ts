import { setTimeout as wait } from 'node:timers/promises';
import { deadline } from '../deadline.js';
import { SilentServer } from '../silent-server.js';
import { ClusterConnections } from './cluster-connections.js';
import type { DurableRedisClient } from './durable-client.js';
import { slotOf } from '../slot-of.js';

/** What is said instead of carrying anything out. The first two name the server that would. */
const REDIRECTION = /^(?:(MOVED|ASK) \d+ (\S+)|TRYAGAIN|CLUSTERDOWN)/;
/** So many redirections are followed without a pause: one to a new owner, and one while the slot moves on from there. */
const AT_ONCE = 2;
/** The servers of a Cluster may disagree for a moment. */
const PAUSE_MS = 50;

type Send = (server: DurableRedisClient, isAsked: boolean) => Promise<unknown>;

/**
 * Takes a write to the server of a Cluster that has its slot, and on from there as the servers say. ioredis follows redirections
 * of single commands, and not those of a script that travels with its `WAIT`.
 *
 * The servers and their slots are those that ioredis knows. It learns of others from a command of ours that it follows itself.
 */
export class ClusterRoute {
  readonly #connections: ClusterConnections;
  readonly #learning = new Map<string, Promise<unknown>>();
  /** One for each server: each suspicion listens to the connection until the server answers. */
  readonly #silences = new WeakMap<DurableRedisClient, SilentServer>();

  /** @param patienceMs how long a request waits for its write. */
  constructor(
    private readonly client: DurableRedisClient,
    private readonly patienceMs: number,
  ) {
    this.#connections = new ClusterConnections(client);
  }

  /** @param key without what the client puts in front. @param send sends to a server; after `ASKING` where it `isAsked`. */
  async follow(key: string, send: Send): Promise<unknown> {
    const since = performance.now();
    let server = this.#ownerOf(key);
    let isAsked = false;
    for (let sent = 1; ; sent++) {
      try {
        return await this.#watched(server, send(server, isAsked));
      } catch (error) {
        const [redirection, kind, address] = REDIRECTION.exec((error as Error).message) ?? [];
        if (!redirection || performance.now() - since > this.patienceMs) throw error;
        if (!address || sent > AT_ONCE) await pause();
        const named = address ? await this.#serverAt(address, key) : undefined;
        isAsked = kind === 'ASK' && named !== undefined;
        server = named ?? this.#ownerOf(key);
      }
    }
  }

  /** By what ioredis knows. Each other server knows more, and says it. */
  #ownerOf(key: string): DurableRedisClient {
    const { keyPrefix = '' } = this.client.options ?? {};
    const owner = this.#connections.at(this.client.slots?.[slotOf(`${keyPrefix}${key}`)]?.[0]);
    // One that is not ready may be dead, and another server may have its slots by now.
    if (owner && isUsable(owner)) return owner;
    const masters = this.#connections.toMasters();
    const usable = masters.filter(isUsable);
    const others = usable.length > 0 ? usable : masters;
    const other = others[Math.floor(Math.random() * others.length)];
    if (!other) throw new Error('there is no connection to any server of the Cluster');
    return other;
  }

  async #serverAt(address: string, key: string): Promise<DurableRedisClient | undefined> {
    const learned = this.#learn(address, key);
    const known = this.#connections.at(this.#mapped(address));
    if (known) return known;
    // It may itself wait for a server that says nothing.
    await Promise.race([learned, pause()]);
    return this.#connections.at(this.#mapped(address));
  }

  /** ioredis follows this one by itself: it connects to the server, and asks for the slots anew. */
  #learn(address: string, key: string): Promise<unknown> {
    const learning =
      this.#learning.get(address) ??
      this.client
        .pttl(key)
        .catch(() => undefined)
        .finally(() => this.#learning.delete(address));
    this.#learning.set(address, learning);
    return learning;
  }

  /** Servers behind a NAT call each other by other addresses. */
  #mapped(address: string): string {
    const { natMap } = this.client.options ?? {};
    const to = typeof natMap === 'function' ? natMap(address) : natMap?.[address];
    return to ? `${to.host}:${to.port}` : address;
  }

  /** A server that says nothing any more is left, so that others are asked who has its slots. */
  #watched(server: DurableRedisClient, reply: Promise<unknown>): Promise<unknown> {
    const callOff = deadline(this.patienceMs, () => this.#silenceOf(server).suspect());
    return reply.finally(callOff);
  }

  #silenceOf(server: DurableRedisClient): SilentServer {
    const silence = this.#silences.get(server) ?? new SilentServer(server, this.patienceMs);
    this.#silences.set(server, silence);
    return silence;
  }
}

function pause(): Promise<void> {
  return wait(PAUSE_MS, undefined, { ref: false });
}

/** What was never connected to does so when it is sent something. */
function isUsable({ status }: DurableRedisClient): boolean {
  return status === 'ready' || status === 'wait';
}
