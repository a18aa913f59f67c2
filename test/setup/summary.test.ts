import { expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { summarize } from '../../scripts/setup/summary.mjs';

const file = (status: string, ...tests: string[]) => ({
  name: '/repo/test/a.test.ts',
  status,
  assertionResults: tests.map((status) => ({ status })),
});

it.each([
  ['all passed', [file('passed', 'passed', 'passed')], 0, true, ['2 passed, 0 failed']],
  ['some skipped', [file('passed', 'passed', 'skipped', 'todo')], 0, true, ['1 passed, 0 failed, 2 skipped']],
  ['a failure', [file('failed', 'passed', 'failed')], 1, false, ['1 passed, 1 failed']],
  ['no test', [], 0, false, ['no test ran', '0 passed, 0 failed']],
  ['all skipped', [file('passed', 'skipped')], 0, false, ['no test ran', '0 passed, 0 failed, 1 skipped']],
  [
    'a file that does not load',
    [file('passed', 'passed'), file('failed')],
    1,
    false,
    ['could not be loaded: test/a.test.ts', '1 passed, 0 failed'],
  ],
  [
    'an unhandled error',
    [file('passed', 'passed')],
    1,
    false,
    ['vitest ended with code 1', '1 passed, 0 failed'],
  ],
])('%s', (_, testResults, code, ok, lines) => {
  expect(summarize({ testResults }, code, '/repo')).toEqual({ ok, lines });
});

it('fails when vitest left no report', () => {
  expect(summarize(undefined, 1, '/repo')).toEqual({
    ok: false,
    lines: ['no test ran', '0 passed, 0 failed'],
  });
});
