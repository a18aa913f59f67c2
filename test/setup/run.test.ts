/** Programs that fail, hang or are not there cost seconds and give a few words. */
import { describe, expect, it } from 'vitest';
// @ts-expect-error plain JavaScript
import { lastWords, run } from '../../scripts/setup/run.mjs';

const node = (code: string, options = {}) => run(process.execPath, ['-e', code], options);

describe('run', () => {
  it('returns the output of a program that succeeds', async () => {
    expect(await node('console.log("a"); console.error("b")')).toMatchObject({ ok: true, why: undefined });
    expect((await node('console.error("b")')).output).toBe('b\n');
  });

  it('returns the reason of a failure', async () => {
    expect(await node('process.exit(3)')).toMatchObject({ ok: false, why: 'exit code 3' });
    expect(await node('process.kill(process.pid, "SIGSEGV")')).toMatchObject({
      ok: false,
      why: 'ended by SIGSEGV',
    });
    expect(await run('no-such-program', [])).toMatchObject({
      ok: false,
      why: 'no-such-program is not there',
    });
  });

  it('stops one that takes too long, and its children with it', async () => {
    const parent = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'inherit' })`;
    expect(await node(parent, { seconds: 1 })).toMatchObject({ ok: false, why: 'took longer than 1 s' });
  });

  it('stops a program without progress', async () => {
    const result = await node('setInterval(() => {}, 1e6)', { watch: () => 7, patience: 1 });
    expect(result).toMatchObject({ ok: false, why: 'nothing arrived for 1 s' });
  });
});

describe('lastWords', () => {
  it('returns the most informative line', () => {
    const output = 'Collecting x\nERROR: No matching distribution\n\nnote: try again\n';
    expect(lastWords({ output, why: 'exit code 1' }, /^ERROR/)).toBe('No matching distribution');
    expect(lastWords({ output: '', why: 'exit code 1' })).toBe('exit code 1');
    expect(lastWords({ output, why: 'took longer than 5 s' })).toBe('took longer than 5 s');
  });
});
