/** The summary of a test run, from vitest's JSON report and exit code. */
import path from 'node:path';

/** The last line is always `N passed, N failed`, with `, N skipped` when there are any. */
export function summarize(report, code, root) {
  const files = report?.testResults ?? [];
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const count = (...states) => tests.filter(({ status }) => states.includes(status)).length;
  const [passed, failed] = [count('passed'), count('failed')];
  const skipped = count('skipped', 'pending', 'todo', 'disabled');
  // A file that throws while it is imported has no tests that could fail.
  const broken = files.filter(
    ({ status, assertionResults }) => status === 'failed' && !hasFailed(assertionResults),
  );
  const lines = [];
  if (passed + failed === 0) lines.push('no test ran');
  if (broken.length > 0)
    lines.push(`could not be loaded: ${broken.map(({ name }) => path.relative(root, name)).join(', ')}`);
  if (code !== 0 && failed === 0 && lines.length === 0) lines.push(`vitest ended with code ${code}`);
  const ok = lines.length === 0 && failed === 0;
  return {
    ok,
    lines: [...lines, `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`],
  };
}

function hasFailed(tests) {
  return tests.some(({ status }) => status === 'failed');
}
