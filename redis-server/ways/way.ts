/** How a Redis came to be had; `url` is the reader's own. */
export type Way = 'url' | 'docker' | 'local' | 'wheel' | 'plain';

/** Gets a line of progress or news. */
export type Say = (line: string) => void;

/** What one server is given to live with. */
export interface Lodging {
  /** On loopback; another one is tried with a fresh port if it is taken. */
  readonly port: number;
  readonly dataFolder: string;
  /** Settings over those of redis.conf. */
  readonly settings: Readonly<Record<string, string>>;
  /** Makes it a Sentinel instead, with these lines as its configuration. */
  readonly sentinel?: string | undefined;
  /** Added to the environment of a program; a container has its own. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A server that runs. */
export interface Controls {
  readonly url: string;
  stop(): Promise<void>;
  crash(): Promise<void>;
  start(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
}

/** Something that can run a server: a binary, an image. */
export interface Engine {
  /** Goes into the server's description: where it is from and what it is fit for. */
  readonly label: string;
  launch(lodging: Lodging): Promise<Controls>;
}

/** One way of getting at an engine. */
export interface WayToRedis {
  readonly name: Exclude<Way, 'url'>;
  /** Finds or fetches it; rejects with what is missing if it is not to be had. */
  prepare(say: Say): Promise<Engine>;
}
