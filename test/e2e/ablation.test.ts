import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

const pipeline = fileURLToPath(new URL('../../pipelines/ablation.ts', import.meta.url));
const at = new Workspace();
afterAll(() => at.dispose());

const SETTINGS = ['depth=8', 'epochs=3', 'perClass=6', 'batch=20', 'seeds=2', 'steps=bare,mixup,ema'];
const run = (out: string, changes: string[] = [], options = {}) =>
  at.rxaug(
    ['run', pipeline, '--out', out, '--workers', '1', '--json'].concat(
      [...SETTINGS, ...changes].flatMap((change) => ['--set', change]),
    ),
    options,
  );
const table = (out: string) => readFileSync(join(at.path, out, 'table.md'), 'utf8');

describe('ablation', () => {
  it('trains every step with every seed, and prints gains', async () => {
    const { code, stdout } = await run('whole');
    expect(code).toBe(0);
    const { runs, steps } = JSON.parse(stdout);
    expect(Object.keys(runs)).toEqual(['bare-0', 'mixup-0', 'ema-0', 'bare-1', 'ema-1', 'mixup-1']);
    expect(steps.map(({ step }: { step: string }) => step)).toEqual(['bare', '+ mixup', '+ ema']);
    const [bare, mixup, ema] = steps;
    for (const [seed, key] of ['0', '1'].entries()) {
      expect(bare.values[key]).toBe(runs[`bare-${seed}`].testAccuracy);
      expect(ema.values[key]).toBe(runs[`ema-${seed}`].testAccuracy);
    }
    expect(mixup.gain.mean).toBeCloseTo(mixup.test.mean - bare.test.mean, 10);
    expect(ema.overall.mean).toBeCloseTo(ema.test.mean - bare.test.mean, 10);
    expect(table('whole')).toMatch(/^\| bare \| 2 \| [\d.]+ ± [\d.]+ \|/m);
    expect(existsSync(join(at.path, 'whole/runs/bare-0'))).toBe(false);
  });

  it('continues after a stop with the same results', async () => {
    let stopped = false;
    const stop = {
      onStderr(text: string, kill: (signal: NodeJS.Signals) => void) {
        if (stopped || !/mixup-0: epoch 2/.test(text)) return;
        stopped = true;
        kill('SIGINT');
      },
    };
    expect((await run('cut', [], stop)).code).toBe(130);
    expect(existsSync(join(at.path, 'cut/runs/mixup-0/last.ckpt'))).toBe(true);
    const { code, stderr } = await run('cut');
    expect(code).toBe(0);
    expect(stderr).toContain('1 of 6 runs are finished already');
    expect(stderr).toMatch(/mixup-0: continues from .*last\.ckpt/);
    expect(stderr).not.toContain('bare-0: epoch');
    expect(table('cut')).toBe(table('whole'));
  });

  it('writes the table again where nothing is left to run', async () => {
    const before = table('whole');
    for (const name of ['table.md', 'table.json']) rmSync(join(at.path, 'whole', name));
    expect((await run('whole')).code).toBe(0);
    expect(table('whole')).toBe(before);
    expect(existsSync(join(at.path, 'whole/table.json'))).toBe(true);
  });

  it('refuses figures of other settings in one table, and steps that it does not know', async () => {
    const other = await run('whole', ['epochs=4']);
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toMatch(/^rxaug: .*bare-0\.json: belongs to a run with epochs 3, not 4; .*\n$/);
    const unknown = await run('whole', ['steps=bare,mixxup']);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/unknown step 'mixxup'; known are bare, /);
  });
});
