import { afterAll, describe, expect, it } from 'vitest';
import { MADE, Workspace } from './command.js';

const at = new Workspace({ 'made.ts': MADE });
afterAll(() => at.dispose());

const digest = (...args: string[]) => at.rxaug(['digest', 'made.ts', ...args]);

describe('rxaug digest', () => {
  it('prints the same line for any number of workers', async () => {
    const ends = [];
    for (const workers of ['0', '1', '2', '4'])
      ends.push(await digest('--batches', '20', '--workers', workers));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(ends.map(({ stderr }) => stderr)).toEqual(['', '', '', '']);
    expect(ends[0]?.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(new Set(ends.map(({ stdout }) => stdout)).size).toBe(1);
  });

  it('depends on seed, settings, epoch and position', async () => {
    const args = ['--batches', '2', '--workers', '0'];
    const lines = [
      await digest(...args),
      await digest(...args, '--seed', '1'),
      await digest(...args, '--set', 'mixup=0'),
      await digest(...args, '--epoch', '1'),
      await digest(...args, '--skip', '1'),
    ].map(({ stdout }) => stdout);
    expect(new Set(lines).size).toBe(lines.length);
  });

  it('gives details as JSON', async () => {
    const { stdout } = await digest(
      '--batches',
      '8',
      '--workers',
      '1',
      '--json',
      '--seed',
      '7',
      '--epoch',
      '1',
    );
    expect(JSON.parse(stdout)).toEqual({
      pipeline: 'made',
      seed: 7,
      epoch: 1,
      skip: 0,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      batches: 8,
      images: 60,
      bytes: 60 * (4 * 192 + 4 + 4 * 2),
      bad: [],
      leftOut: { count: 0, samples: [] },
    });
  });

  it('says where the stream ends too soon', async () => {
    const { code, stderr, stdout } = await digest('--batches', '20', '--epoch', '2', '--workers', '0');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      'rxaug: expected 20 batches from epoch 2, batch 0 on, but the stream ended after 8; lower --batches, or set more epochs\n',
    );
  });
});
