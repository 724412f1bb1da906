import type { Redis } from 'ioredis';

/** The commands of a connection: how many, and how many of them at most had to wait for one another. */
export class Trips {
  #longest = 0;
  #answered = 0;

  /** Looks at whatever the client sends from now on. */
  constructor(client: Redis) {
    const send = client.sendCommand.bind(client);
    client.sendCommand = (command, stream) => {
      // What is sent now may be so because of any answer that was there before.
      const place = this.#answered + 1;
      this.#longest = Math.max(this.#longest, place);
      const settle = () => {
        this.#answered = Math.max(this.#answered, place);
      };
      command.promise.then(settle, settle);
      return send(command, stream);
    };
  }

  /** How many times one after the other Redis was asked since the last time. */
  take(): number {
    const trips = this.#longest;
    this.#longest = 0;
    this.#answered = 0;
    return trips;
  }
}
