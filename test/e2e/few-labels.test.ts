import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

const pipeline = fileURLToPath(new URL('../../pipelines/few-labels.ts', import.meta.url));
const at = new Workspace();
afterAll(() => at.dispose());

const SETTINGS = ['labels=6', 'seeds=1', 'tested=2', 'batch=20', 'epochs=2', 'latentEpochs=2', 'ganEpochs=1'];
const run = (out: string, changes: string[] = [], options = {}) =>
  at.rxaug(
    ['run', pipeline, '--out', out, '--json'].concat(
      [...SETTINGS, ...changes].flatMap((change) => ['--set', change]),
    ),
    options,
  );
const text = (file: string) => readFileSync(join(at.path, file), 'utf8');
const cells = (name: string) =>
  JSON.parse(text(`whole/sheets/${name}-6-0.json`)) as {
    cells: { id: string; label: number }[];
    batches: { recipe: { op: string; params: { rows: number[] } }[] }[];
  };

describe('few labels', () => {
  it('trains every arm, the generative ones on the same few images', async () => {
    const { code, stdout } = await run('whole');
    expect(code).toBe(0);
    const { runs, lines } = JSON.parse(stdout);
    expect(Object.keys(runs)).toEqual([
      'bare-6-0',
      'basic-6-0',
      'autoencoder-6-0',
      'latent-6-0',
      'generator-6-0',
      'gan-6-0',
      'both-6-0',
    ]);
    const arms = ['bare', 'basic', 'latent', 'gan', 'both'];
    expect(lines.map(({ arm }: { arm: string }) => arm)).toEqual(arms);
    const losses = arms.map((arm) => runs[`${arm}-6-0`].trainLoss);
    expect(new Set(losses).size).toBe(5); // every arm saw other images
    const [bare, basic, latent] = lines;
    expect(latent.overBasic.mean).toBeCloseTo(latent.test.mean - basic.test.mean, 10);
    expect(latent.overBare.mean).toBeCloseTo(latent.test.mean - bare.test.mean, 10);
    expect(text('whole/table.md')).toMatch(/^\| 6 \| both \| 1 \| [\d.]+ \|/m);

    const batches = (6 * 10) / 20;
    const seen = ['bare-6-0', 'autoencoder-6-0', 'generator-6-0'].map((name) => runs[name].steps);
    expect(seen).toEqual([4 * batches, 4 * batches, 2 * batches]); // √(20/6) times as many passes as at 20 labels
    const real = cells('real').cells;
    expect(real).toHaveLength(60);
    expect(new Set(real.map(({ id }) => id)).size).toBe(60);
  });

  it('writes sheets of the models, each cell made by its stage', async () => {
    for (const [name, op] of [
      ['latent', 'latentNoise'],
      ['synthetic', 'ganMix'],
    ]) {
      const { cells: made, batches } = cells(name);
      expect(made.map(({ id }) => id)).toEqual(cells('real').cells.map(({ id }) => id));
      expect(
        batches.flatMap(({ recipe }) => recipe.map((draw) => [draw.op, draw.params.rows.length])),
      ).toEqual([[op, 60]]);
      expect((await sharp(join(at.path, `whole/sheets/${name}-6-0.png`)).metadata()).format).toBe('png');
    }
  });

  it('continues after a stop with the same results', async () => {
    let stopped = false;
    const stop = {
      onStderr(said: string, kill: (signal: NodeJS.Signals) => void) {
        if (stopped || !/generator-6-0: epoch 1/.test(said)) return;
        stopped = true;
        kill('SIGINT');
      },
    };
    expect((await run('cut', [], stop)).code).toBe(130);
    expect(readdirSync(join(at.path, 'cut/runs'))).toEqual([
      'bare-6-0.json',
      'basic-6-0.json',
      'latent-6-0.json',
    ]);
    expect(existsSync(join(at.path, 'cut/models/generator-6-0/last.ckpt'))).toBe(true);
    const { code, stderr } = await run('cut');
    expect(code).toBe(0);
    expect(stderr).toContain('3 of 5 runs are finished already');
    expect(stderr).toMatch(/generator-6-0: continues from .*last\.ckpt/);
    expect(stderr).not.toContain('latent-6-0: epoch');
    expect(text('cut/table.md')).toBe(text('whole/table.md'));
  });

  it('refuses arms that it does not know, and figures of other settings in one table', async () => {
    const unknown = await run('none', ['arms=bare,gann']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/unknown arm 'gann'; known are bare, /);
    expect((await run('none', ['labels=0'])).stderr).toMatch(
      /--set labels: expected whole numbers ≥ 1 but received '0'/,
    );
    const other = await run('whole', ['epochs=3']);
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/bare-6-0\.json: belongs to a run with epochs 2, not 3; /);
  });
});
