/** Adds up the reports of test runs; a report that is missing, a skipped test or a failed one fails. */

import { readFileSync } from 'node:fs';

const totals = { passed: 0, failed: 0, skipped: 0 };
for (const file of process.argv.slice(2)) {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    totals.passed += report.numPassedTests;
    totals.failed += report.numFailedTests;
    totals.skipped += file.endsWith('interop.json') ? report.numPendingTests : 0;
    if (report.success !== true) process.exitCode = 1;
  } catch (error) {
    console.log(`no report of a run: ${error.message}`);
    totals.failed += 1;
  }
}
if (totals.skipped > 0)
  console.log(`${totals.skipped} tests against the programs of others were skipped, which is forbidden here`);
if (totals.failed + totals.skipped > 0) process.exitCode = 1;
console.log(`${totals.passed} passed, ${totals.failed + totals.skipped} failed`);
