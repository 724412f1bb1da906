import { print, run } from '../bench/support/program.js';
import { checkApps } from './apps/check-apps.js';
import { checkContents } from './contents/check-contents.js';
import { pack, type Packed } from './npm.js';
import { planOf, USAGE } from './options.js';
import { Report } from './report.js';
import { withScratch } from './scratch.js';
import { runMajors } from './suite/run-majors.js';

/** The package as it would be published, in the hands of others. */
async function main(): Promise<void> {
  const plan = planOf(process.argv.slice(2));
  if (!plan) return print(USAGE);
  const isGood =
    plan.majors.length > 0
      ? await runMajors(plan.majors, plan.patterns, print)
      : await checkPackage();
  if (!isGood) process.exitCode = 1;
}

async function checkPackage(): Promise<boolean> {
  const report = new Report();
  await withScratch(async (scratch) => {
    let packed: Packed | undefined;
    await report.check('npm pack', async () => {
      packed = await pack(scratch);
      return `${packed.name} ${packed.version}`;
    });
    if (!packed) return;
    await checkContents(report, packed, scratch);
    await checkApps(report, packed, scratch);
  });
  report.printTable();
  return report.isGood;
}

await run(main);
