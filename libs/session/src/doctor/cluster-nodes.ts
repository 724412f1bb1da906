/** A server of a Cluster, by what `CLUSTER NODES` of another one says of it. */
export interface ClusterNode {
  readonly id: string;
  /** `host:port`, by address and by name where it has one. */
  readonly addresses: readonly string[];
  readonly isPrimary: boolean;
  /** Of a replica, the id of its primary. */
  readonly primaryId: string;
  /** What the others have agreed on, or one of them suspects. */
  readonly failure: 'failed' | 'may have failed' | undefined;
  /** How many slots it has. */
  readonly slots: number;
}

/** @param text `<id> <ip:port@cport[,hostname]> <flags> <primary> <ping> <pong> <epoch> <link> <slot>…`, a line each. */
export function clusterNodesOf(text: string): ClusterNode[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(' '))
    .filter((parts) => parts.length >= 8)
    .map(([id, place, flags, primaryId, , , , , ...ranges]) => {
      const [, ip, port, name] = /^(.*):(\d+)(?:@\d+)?(?:,([^,]*))?/.exec(place!) ?? [];
      const is = new Set(flags!.split(','));
      return {
        id: id!,
        addresses: [ip, name].filter(Boolean).map((host) => `${host}:${port}`),
        isPrimary: is.has('master'),
        primaryId: primaryId!,
        failure: is.has('fail') ? 'failed' : is.has('fail?') ? 'may have failed' : undefined,
        slots: ranges.map(slotsIn).reduce((sum, slots) => sum + slots, 0),
      };
    });
}

/** `7`, `0-5460`; what stands in brackets is on its way, and counted where it still is. */
function slotsIn(range: string): number {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
  return first === undefined ? 0 : Number(last) - Number(first) + 1;
}
