import { setTimeout as wait } from 'node:timers/promises';
import type { SeededRandom } from '../../random/seeded-random.js';
import { type Asked, Asker } from './asker.js';
import { Device, type Told } from './device.js';
import type { Ledger } from './ledger.js';

const DEVICES = 2;
/** Nobody presses the button again at once. */
const AFTER_REFUSAL_MS = 5;

/** Somebody with two devices, who does one thing after the other and remembers what was promised. */
export class CrowdVisitor {
  devices: Device[] = [];
  /** Cookies of sessions whose end was acknowledged, and when. */
  readonly endedCookies: { readonly cookie: string; readonly at: number }[] = [];
  readonly #asker: Asker;
  /** A request that got no answer may be carried out later, and ends devices that have signed in since. */
  #mayBeSignedOut = false;

  constructor(
    readonly user: string,
    urls: readonly string[],
    private readonly ledger: Ledger,
    private readonly random: SeededRandom,
    private readonly renews: boolean,
  ) {
    this.#asker = new Asker(urls, ledger);
  }

  async step(): Promise<void> {
    this.devices = this.devices.filter(({ state }) => state === 'live');
    if (this.devices.length < DEVICES) return this.#signIn();
    const device = this.random.oneOf(this.devices);
    const dice = this.random.next();
    if (dice < 0.4) await this.read(device);
    else if (dice < 0.6) await this.#visit(device);
    else if (dice < 0.75) await this.#note(device);
    else if (dice < 0.83) await this.#tryEndedCookie();
    else if (dice < 0.88) await this.#end(device, 'sign-out', [device]);
    else if (dice < 0.93) await (this.renews ? this.#renew(device) : this.read(device));
    else await this.#end(device, 'sign-out-others', this.#othersThan(device));
  }

  /** A live device must be let in, and see its own. */
  async read(device: Device): Promise<Asked> {
    const asked = await this.#ask(device, 'GET', 'me');
    if (asked.kind === 'yes') this.#check(device, asked.told);
    return asked;
  }

  /** @returns whether somebody answered. */
  async tryCookie({ cookie, at }: { cookie: string; at: number }): Promise<boolean> {
    const { kind } = await this.#asker.ask(cookie, 'GET', 'me');
    if (kind === 'yes') {
      const what = `an ended session of ${this.user} let in`;
      this.ledger.wrong('undone', what, { deed: 'sign-out', at });
    }
    return kind !== 'refused';
  }

  get inARow(): number {
    return this.#asker.inARow;
  }

  countAnew(): void {
    this.#asker.inARow = 0;
  }

  /** Once nothing can be carried out any more that got no answer: what that may have ended is not relied on. */
  settle(): void {
    if (!this.#mayBeSignedOut) return;
    this.#mayBeSignedOut = false;
    for (const device of this.devices) device.state = 'unsure';
  }

  async #signIn(): Promise<void> {
    const device = new Device(this.user);
    const { kind } = await this.#ask(device, 'POST', 'sign-in', { user: this.user });
    if (kind !== 'yes') return;
    device.signedInAt = performance.now();
    this.ledger.signIns++;
    this.devices.push(device);
  }

  async #visit(device: Device): Promise<void> {
    const asked = await this.#ask(device, 'POST', 'visit');
    if (asked.kind !== 'yes') return void device.unansweredVisits++;
    device.visits++;
    this.#check(device, asked.told);
    device.writtenAt = performance.now();
  }

  async #note(device: Device): Promise<void> {
    const note = `${this.ledger.requests}`;
    const asked = await this.#ask(device, 'POST', 'note', { note });
    // What got no answer may still be carried out, later than what is written next.
    if (asked.kind !== 'yes') return void device.notes.push(note);
    device.notes[0] = note;
    this.#check(device, asked.told);
    device.writtenAt = performance.now();
  }

  async #renew(device: Device): Promise<void> {
    const before = device.jar.header;
    const { kind } = await this.#ask(device, 'POST', 'renew');
    if (kind !== 'yes') {
      device.state = 'unsure';
      return;
    }
    device.signedInAt = performance.now();
    this.endedCookies.push({ cookie: before, at: device.signedInAt });
  }

  async #end(device: Device, path: string, ends: readonly Device[]): Promise<void> {
    const cookies = ends.map(({ jar }) => jar.header);
    const { kind } = await this.#ask(device, 'POST', path);
    for (const each of ends) each.state = kind === 'yes' ? 'ended' : 'unsure';
    if (kind === 'refused' && path === 'sign-out-others') this.#mayBeSignedOut = true;
    if (kind !== 'yes') return;
    const at = performance.now();
    this.endedCookies.push(...cookies.map((cookie) => ({ cookie, at })));
    this.ledger.signOuts += ends.length;
  }

  async #tryEndedCookie(): Promise<void> {
    if (this.endedCookies.length > 0) await this.tryCookie(this.random.oneOf(this.endedCookies));
  }

  async #ask(device: Device, method: string, path: string, body?: object): Promise<Asked> {
    const asked = await this.#asker.ask(device.jar, method, path, body);
    // A sign-in is refused if it may have begun before a sign-out everywhere: slow answers leave that open.
    if (asked.kind === 'stranger' && path !== 'sign-in') {
      if (!this.#mayBeSignedOut && device.state === 'live') {
        this.ledger.wrong(
          'lost',
          `a signed-in device of ${this.user} was not signed in to /${path}: ${asked.why}`,
          { deed: 'sign-in', at: device.signedInAt },
        );
      }
      device.state = 'ended';
    }
    if (asked.kind === 'refused') await wait(AFTER_REFUSAL_MS);
    return asked;
  }

  #check(device: Device, told: Told): void {
    const wrongs = device.wrongWith(told);
    for (const { kind, what } of wrongs) {
      this.ledger.wrong(kind, what, { deed: 'write', at: device.writtenAt });
    }
    if (wrongs.length > 0) device.believe(told);
  }

  #othersThan(device: Device): Device[] {
    return this.devices.filter((other) => other !== device);
  }
}
