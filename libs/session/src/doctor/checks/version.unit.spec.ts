import { linesOf } from '../server-facts.js';
import { checkVersion } from './version.js';

const redis = (version: string) => checkVersion({ info: linesOf(`redis_version:${version}\r\n`) });
const valkey = (version: string) =>
  checkVersion({
    info: linesOf(
      `redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:${version}\r\nrun_id:0\r\n`,
    ),
  });

describe('the doctor, asked about a version', () => {
  it.each(['7.4.10', '7.4.11', '8.2.8', '8.8.1', '8.10.0', '9.0.0'])(
    'has nothing against Redis %s',
    (version) => {
      expect(redis(version)).toMatchObject({ severity: 'ok', finding: `Redis ${version}` });
    },
  );

  it.each([
    ['6.2.22', '6.2.23'],
    ['7.2.4', '7.2.15'],
    ['7.4.1', '7.4.10'],
    ['8.6.4', '8.6.5'],
    // There is no such release of these lines.
    ['7.0.15', '7.2.15'],
    ['8.0.6', '8.2.8'],
  ])('says that Redis %s lacks security fixes, and that %s has them', (version, mended) => {
    const { severity, finding, advice } = redis(version);
    expect(severity).toBe('note');
    expect(finding).toBe(`Redis ${version}, from before the security releases of July 2026`);
    expect(advice).toContain(`Upgrade to ${mended} or later`);
  });

  it('takes Valkey for what it is, though it says redis_version:7.2.4 as well', () => {
    expect(valkey('9.1.2')).toMatchObject({ severity: 'ok', finding: 'Valkey 9.1.2' });
    expect(valkey('8.1.1').finding).toMatch(/^Valkey 8\.1\.1, from before/);
    expect(valkey('8.1.1').advice).toContain('8.1.9');
  });

  it.each(['6.0.16', '5.0.14', '2.8.24'])('refuses Redis %s', (version) => {
    expect(redis(version).severity).toBe('problem');
  });

  it('does not trip over a version that is not three numbers', () => {
    expect(redis('8.9.240-int').severity).toBe('ok');
    expect(redis('unstable').severity).toBe('unknown');
    expect(checkVersion({ info: new Map() }).severity).toBe('unknown');
  });
});
