/** The pipelines of searches as a user meets them: small ones run, and what cannot be searched is refused in one sentence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TarWriter } from '../../src/io/index.js';
import { Workspace } from './command.js';

const pipeline = (name: string) =>
  fileURLToPath(new URL(`../../pipelines/search-${name}.ts`, import.meta.url));
const at = new Workspace();
afterAll(() => at.dispose());

/** A gray or colored PNM whose pixels are near a level; no two are alike. */
const picture = (n: number, level: number, channels: 1 | 3, size = 16) => {
  const head = `P${channels === 1 ? 5 : 6} ${size} ${size} 255\n`;
  const pixels = Uint8Array.from(
    { length: size * size * channels },
    (_, i) => level + (Math.imul(n * 7919 + i + 1, 2654435761) >>> 27),
  );
  return Buffer.concat([Buffer.from(head), pixels]);
};
const folder = (name: string, count: number, channels: 1 | 3, classes = ['dark', 'bright']) => {
  for (const [c, label] of classes.entries())
    for (let i = 0; i < count; i++)
      at.write(`${name}/${label}/${i}.pnm`, picture(1000 * c + i, 40 + 120 * c, channels));
};

beforeAll(() => {
  folder('gray', 20, 1);
  folder('colored', 20, 3);
  folder('one', 20, 1, ['dark']);
  folder('few', 5, 1);
  for (const [name, count, from] of [
    ['train-000.tar', 200, 0],
    ['test-000.tar', 20, 5000],
  ] as const) {
    const tar = new TarWriter(join(at.path, 'shards', name));
    for (let i = 0; i < count; i++) {
      tar.add(`${i}.pnm`, picture(from + i, 10 * (i % 10), 3, 32));
      tar.add(`${i}.cls`, `${i % 10}`);
    }
    tar.finish();
  }
});

const sets = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting]);
const SMALL = ['size=16', 'batch=8', 'epochs=1', 'depth=8'];
const GRAY = ['data=gray', 'channels=1', ...SMALL];
const SHARDS = ['data=shards', 'labels=40', 'heldOut=40', 'batch=8', 'epochs=1'];

describe('search', () => {
  const refused = async (name: string, settings: readonly string[], ...more: string[]) => {
    const args = ['search', pipeline(name), '--out', 'refused', '--strategy', 'random', '--budget', '20s'];
    const { code, stderr } = await at.rxaug([...args, ...sets(...settings), ...more]);
    expect(code, stderr).toBe(2);
    expect(readdirSync(join(at.path, 'refused')).filter((file) => /plan|trials|searches/.test(file))).toEqual(
      [],
    );
    return stderr.trim().split('\n').at(-1);
  };
  beforeAll(() => at.write('refused/.keep', ''));

  it.each<[string, string, string[], RegExp]>([
    [
      'an unknown plant',
      'planted',
      ['planted=color'],
      /--set planted: expected flip, colour, .* received 'color'; choose/,
    ],
    ['no op', 'planted', ['ops='], /expected at least one op but none is left; keep one of/],
    ['an unknown op', 'planted', ['ops=rotat'], /unknown op 'rotat' in only; did you mean 'rotate'\?/],
    ['no data', 'folder', [], /--set data: expected a folder of class folders; give its path/],
    ['data that is not there', 'folder', ['data=nowhere'], /there is no folder .*nowhere'; check the path/],
    [
      'ops of color for gray images',
      'folder',
      [...GRAY, 'only=hue,saturation'],
      /no op is left for images of 1 channel/,
    ],
    [
      'colors where gray is expected',
      'folder',
      [...GRAY, 'data=colored'],
      /expected a gray image for channels: 1 but it has colors; set channels: 3/,
    ],
    [
      'bounds that are no numbers',
      'folder',
      [...GRAY, 'bounds=rotate:a:5'],
      /--set bounds: expected OP:LOW:HIGH but received 'rotate:a:5'; write/,
    ],
    [
      'bounds outside a schema',
      'folder',
      [...GRAY, 'bounds=brightness:-3:1'],
      /bounds of brightness: .*factor\[0\].* received -3/,
    ],
    [
      'bounds of an op that is left out',
      'folder',
      [...GRAY, 'bounds=rotate:0:5', 'except=rotate'],
      /bounds are for 'rotate', which only or except leaves out/,
    ],
    [
      'one class',
      'folder',
      [...GRAY, 'data=one'],
      /expected at least two classes but received 'dark'; give images of another class/,
    ],
    [
      'fewer images than a batch',
      'folder',
      [...GRAY, 'data=few'],
      /expected at least a batch of 8 images but there are 6; lower trial\.batch, or give more images/,
    ],
    [
      'splits that share an image',
      'folder',
      [...GRAY, 'heldOutData=gray'],
      /has the pixels of .* in train; keep each image in one of them/,
    ],
    [
      'more labels than images',
      'folder',
      [...GRAY, 'labels=100'],
      /--set labels: expected at most 24 of 40 images/,
    ],
    [
      'no epochs',
      'folder',
      [...GRAY, 'epochs=0'],
      /trial\.epochs: expected a whole number ≥ 1 but received 0/,
    ],
    [
      'a depth that ResNet has not',
      'folder',
      [...GRAY, 'depth=9'],
      /--set depth: expected 8, 14, .* but received 9/,
    ],
    [
      'more labels than shards hold',
      'cifar10',
      [...SHARDS, 'labels=400'],
      /--set labels: .* at most 200.* received 400 and 40/,
    ],
  ])('refuses %s', async (_, name, settings, message) => {
    expect(await refused(name, settings)).toMatch(message);
  });

  it('refuses a budget that is too small, and names one that is enough', async () => {
    expect(await refused('folder', GRAY, '--budget', '1s')).toMatch(
      /--budget: expected at least \d+ s .* but received 1\.0 s; raise it/,
    );
  });

  /** With more seconds where they are too few for this machine, which may be busy. */
  const searched = async (seconds: number): ReturnType<typeof at.rxaug> => {
    const args = ['search', pipeline('folder'), '--out', `found${seconds}`, '--strategy', 'random', '--json'];
    const ended = await at.rxaug([...args, '--budget', `${seconds}s`, ...sets(...GRAY)]);
    const refused = ended.code !== 0 && /expected (at least|a budget of) .*; raise /.test(ended.stderr);
    return refused && seconds < 1000 ? searched(2 * seconds) : ended;
  };

  it('of a folder of gray images: a policy that run and preview take', async () => {
    const { code, stdout, stderr } = await searched(40);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('ops that gray images cannot take are left out: saturation, hue, grayscale');
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ strategy: 'random', pipeline: 'search-folder' });
    expect(summary.ops).toHaveLength(20);
    expect(summary.policy).toMatch(/\/found\d+\/policy\.json$/);
    const policy = `policy=${summary.policy}`;
    const trained = await at.rxaug([
      'run',
      pipeline('folder'),
      '--out',
      'run',
      '--json',
      ...sets(...GRAY, policy),
    ]);
    expect(trained.code, trained.stderr).toBe(0);
    expect(JSON.parse(trained.stdout)).toMatchObject({ epochs: 1, steps: 3 });
    for (const [out, own] of [
      ['with.png', [policy]],
      ['without.png', []],
    ] as const) {
      const shown = await at.rxaug(['preview', pipeline('folder'), '--out', out, ...sets(...GRAY, ...own)]);
      expect(shown.code, shown.stderr).toBe(0);
    }
    const [found, plain] = ['with.png', 'without.png'].map((file) => readFileSync(join(at.path, file)));
    expect(found?.equals(plain as Buffer)).toBe(false);
  });
});

describe('run', () => {
  it.each([
    ['planted', ['planted=flip', 'count=60', 'tested=30', 'epochs=1', 'batch=20'], 3],
    ['cifar10', SHARDS, 5],
  ])('search-%s trains without a policy', async (name, settings, steps) => {
    const { code, stdout, stderr } = await at.rxaug([
      'run',
      pipeline(name),
      '--out',
      `run-${name}`,
      '--json',
      ...sets(...settings),
    ]);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ pipeline: `search-${name}`, steps });
  });
});
