import { deviceName } from './device-name.js';

describe('the name of a device', () => {
  it.each([
    [
      'Chrome on Linux',
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
    ],
    [
      'Firefox on Windows',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
    ],
    [
      'Safari on iPhone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    ],
    ['curl', 'curl/8.11.1'],
    ['something', 'something'],
    [undefined, ''],
    [undefined, undefined],
  ])('is %s', (name, agent) => {
    expect(deviceName(agent)).toBe(name);
  });

  it('is found in hostile text without delay', () => {
    const before = process.cpuUsage();
    for (let i = 0; i < 100; i++) deviceName(`${'('.repeat(128)}${'/'.repeat(128)}`);
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});
