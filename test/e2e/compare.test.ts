import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MADE, Workspace } from './command.js';

const TRAINS = `
import { arrays, batch, mlp, train } from 'rxaug';
import pipeline, { made } from './made.ts';

export default {
  ...pipeline,
  name: 'trains',
  settings: { ...pipeline.settings, smoothing: 0 },
  run: (batches$, { seed, out, resume, signal, backend, settings }) =>
    train(batches$, {
      model: mlp({ hidden: [8] }),
      validation: arrays(made(20)).pipe(batch(10)),
      labelSmoothing: settings.smoothing,
      checkpoint: { dir: out },
      seed, resume, signal, backend,
    }),
};
`;
const at = new Workspace({ 'made.ts': MADE, 'trains.ts': TRAINS });
afterAll(() => at.dispose());
const lines = (folder: string) => readFileSync(join(at.path, folder, 'events.jsonl'), 'utf8').split('\n');
const event = (text: string) => JSON.parse(text);

beforeAll(async () => {
  const base = ['run', 'trains.ts', '--backend', 'cpu', '--workers', '0'];
  for (const more of [
    ['--out', 'one'],
    ['--out', 'two', '--set', 'smoothing=0.2', '--seed', '3'],
  ])
    expect((await at.rxaug([...base, ...more])).code).toBe(0);
});

describe('rxaug compare', () => {
  it('puts runs side by side: figures, options that differ, a picture', async () => {
    const { code, stdout, stderr } = await at.rxaug([
      'compare',
      'one',
      'two/events.jsonl',
      '--out',
      'pictures/c.svg',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^ +epochs +test +best +train +gap +ECE +test loss +norm +zeros +lr\/norm² +images\/s\n/,
    );
    expect(stdout).toMatch(/\noptions that differ +smoothing +seed +labelSmoothing\n/);
    expect(stdout).toMatch(/\ntwo\/events\.jsonl +0\.2 +3 +0\.2\n/);
    const { format, width } = await sharp(join(at.path, 'pictures/c.svg')).metadata();
    expect([format, width]).toEqual(['svg', 960]);
    const text = readFileSync(join(at.path, 'pictures/c.svg'), 'utf8');
    const words = [...text.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, word]) => word);
    expect(words).toContain('accuracy: test solid, train dashed');
    expect(words.slice(-2)).toEqual(['one', 'two/events.jsonl']);
    expect(words).toContain('epoch');
  });

  it('--json prints the figures of the logs', async () => {
    const { stdout } = await at.rxaug(['compare', 'one', 'two', '--json', '--metric', 'ece']);
    const { runs, differ, plot } = JSON.parse(stdout);
    expect(plot).toBe('compare.svg');
    expect(differ).toEqual({ smoothing: [0, 0.2], labelSmoothing: [null, 0.2], seed: [0, 3] });
    for (const [i, folder] of ['one', 'two'].entries()) {
      const last = event(
        lines(folder)
          .filter((text) => text.includes('"kind":"epoch"'))
          .at(-1) as string,
      );
      expect(runs[i]).toMatchObject({
        name: folder,
        epochs: 3,
        ended: 'done',
        test: last.validation.accuracy,
        ece: last.validation.ece,
        testLoss: last.validation.loss,
        train: last.train.accuracy,
        gap: last.gap,
        norm: last.weights.norm,
        zeros: 0,
        effectiveLearningRate: last.weights.effectiveLearningRate,
      });
    }
  });

  it('draws every run: a pixel of its color is there', async () => {
    await at.rxaug(['compare', 'one', 'two', '--out', 'c.svg']);
    const drawn = sharp(join(at.path, 'c.svg')).removeAlpha().raw();
    const { data } = await drawn.toBuffer({ resolveWithObject: true });
    const seen = new Set<string>();
    for (let i = 0; i < data.length; i += 3) seen.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
    expect(seen).toContain('0,114,178');
    expect(seen).toContain('213,94,0');
  });

  it('compares readable logs and prints one sentence for each of the others', async () => {
    const [run, start] = lines('one');
    const odd: Record<string, string> = {
      'foreign.jsonl': '{"kind":"run"}\nhello\n',
      'array.jsonl': '[1, 2]\n',
      'empty.jsonl': '',
      'early.jsonl': `${run}\n${start}\n`,
      'lies.jsonl': `${start}\n{"kind":"epoch","epoch":"first"}\n`,
      'binary.jsonl': '\0\u0001\u0002\n',
    };
    for (const [name, text] of Object.entries(odd)) at.write(name, text);
    const names = Object.keys(odd);
    const { code, stdout, stderr } = await at.rxaug(['compare', 'missing', ...names, 'made.ts', '.', 'one']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\none +3 /);
    const said = stderr.trimEnd().split('\n');
    expect(said).toHaveLength(names.length + 3);
    for (const sentence of said) expect(sentence).toMatch(/^rxaug: \S+: .+; .+$/);
    expect(stderr).toContain('missing: not found; ');
    expect(stderr).toContain('foreign.jsonl: line 2 is not JSON; ');
    expect(stderr).toContain('array.jsonl: line 1 is not an event; ');
    expect(stderr).toContain('early.jsonl: has no complete epoch of a training; ');
    expect(stderr).toContain("lies.jsonl: line 2 is no 'epoch' event as rxaug writes it (epoch); ");
  });

  it('compares judge metrics of generative models, and leaves out metrics that no run has', async () => {
    const log = (...kids: (number | null)[]) =>
      [
        { kind: 'start', model: 'gan', backend: 'cpu', seed: 0, options: { criticSteps: kids.length } },
        ...kids.map((kid, epoch) => ({
          kind: 'epoch',
          epoch,
          train: { loss: 1 },
          ...(kid !== null && { validation: { kid, fid: 10 * kid, recognized: 0.25, memorized: 0.01 } }),
          imagesPerSecond: 100,
        })),
      ]
        .map((one) => `${JSON.stringify(one)}\n`)
        .join('');
    at.write('a.jsonl', log(0.5, 0.125, 0.25, null));
    at.write('b.jsonl', log(0.5));
    const { code, stdout } = await at.rxaug(['compare', 'a.jsonl', 'b.jsonl', '--out', 'kid.svg']);
    expect(code).toBe(0);
    expect(stdout.split('\n').map((text) => text.trimEnd().split(/ {2,}/))).toEqual([
      ['', 'epochs', 'KID', 'lowest KID', 'FID', 'recognized', 'memorized', 'images/s'],
      expect.any(Array),
      ['a.jsonl', '4 (unfinished)', '0.25', '0.125 at 2', '2.5', '25.0 %', '1.0 %', '100'],
      ['b.jsonl', '1 (unfinished)', '0.5', '0.5 at 1', '5', '25.0 %', '1.0 %', '100'],
      [''],
      ['options that differ', 'criticSteps'],
      expect.any(Array),
      ['a.jsonl', '4'],
      ['b.jsonl', '1'],
      [''],
      ['curves: kid.svg'],
      [''],
    ]);
  });

  it('compares a log whose last line is cut short, and says so', async () => {
    const whole = lines('one').join('\n');
    const done = whole.lastIndexOf('{"time"');
    at.write('cut/events.jsonl', whole.slice(0, done + 40));
    copyFileSync(join(at.path, 'one/events.jsonl'), join(at.path, 'copy.jsonl'));
    const { code, stdout, stderr } = await at.rxaug(['compare', 'cut', 'copy.jsonl']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'rxaug: cut/events.jsonl: its last line is cut short; compared without it\n',
    });
    expect(stdout).toMatch(/\ncut +3 \(unfinished\) /);
  });

  it('refuses a metric that no run has, and a picture that is none', async () => {
    const metric = await at.rxaug(['compare', 'one', '--metric', 'f1']);
    expect(metric).toMatchObject({ code: 2, stdout: '' });
    expect(metric.stderr).toBe("rxaug: --metric: no run has 'f1'; there are 'loss', 'accuracy', 'ece'\n");
    const picture = await at.rxaug(['compare', 'one', '--out', 'c.png']);
    expect(picture.code).toBe(2);
    expect(picture.stderr).toMatch(
      /^rxaug: --out: expected a path that ends in \.svg but received 'c\.png'\n$/,
    );
    const none = await at.rxaug(['compare', 'missing']);
    expect(none.code).toBe(1);
  });
});
