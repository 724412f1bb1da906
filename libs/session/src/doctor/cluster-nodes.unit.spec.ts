import { clusterNodesOf } from './cluster-nodes.js';

const TEXT = `07c37d 10.0.0.4:30004@31004,redis-4 slave e7d1ee 0 1426238317239 4 connected
67ed2d 10.0.0.2:30002@31002,redis-2,shard-id=69bc master - 0 1426238316232 2 connected 5461-10922
292f8b :0@0,redis-3 master,noaddr,fail - 1426238317741 1426238317741 3 disconnected
e7d1ee fd00::1:30001@31001 myself,master,fail? - 0 0 1 connected 0-5460 10923 [10923->-67ed2d]
`;

describe('what CLUSTER NODES says', () => {
  it('is read: addresses, roles, failures and slots', () => {
    expect(clusterNodesOf(TEXT)).toEqual([
      {
        id: '07c37d',
        addresses: ['10.0.0.4:30004', 'redis-4:30004'],
        isPrimary: false,
        primaryId: 'e7d1ee',
        failure: undefined,
        slots: 0,
      },
      {
        id: '67ed2d',
        addresses: ['10.0.0.2:30002', 'redis-2:30002'],
        isPrimary: true,
        primaryId: '-',
        failure: undefined,
        slots: 5462,
      },
      {
        id: '292f8b',
        addresses: ['redis-3:0'],
        isPrimary: true,
        primaryId: '-',
        failure: 'failed',
        slots: 0,
      },
      {
        id: 'e7d1ee',
        addresses: ['fd00::1:30001'],
        isPrimary: true,
        primaryId: '-',
        failure: 'may have failed',
        slots: 5462,
      },
    ]);
  });
});
