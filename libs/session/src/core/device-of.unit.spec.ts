import { deviceOf } from './device-of.js';

describe('the device of a request', () => {
  it('has an address of a bounded length, whoever has written it', () => {
    const forged = `<svg onload=alert(1)>${'A'.repeat(12_000)}`;
    expect(deviceOf({ ip: forged }).address).toBe(forged.slice(0, 64));
    expect(deviceOf({ socket: { remoteAddress: forged } }).address).toBe(forged.slice(0, 64));
  });

  it('has each real address as it is', () => {
    const longest = 'ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255%enp0s31f6';
    for (const ip of ['192.0.2.1', '::1', '192.0.2.1:65535', longest, undefined]) {
      expect(deviceOf({ ip }).address).toBe(ip);
    }
  });

  it('has the first 256 characters of its agent', () => {
    expect(deviceOf({ headers: { 'user-agent': 'x'.repeat(300) } }).agent).toHaveLength(256);
  });
});
