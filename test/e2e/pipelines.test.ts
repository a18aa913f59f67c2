import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TarWriter } from '../../src/io/index.js';
import { Workspace } from './command.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pipeline = (name: string) => join(root, 'pipelines', name);
const at = new Workspace();
afterAll(() => at.dispose());

describe('pipelines/', () => {
  it('have right types', async () => {
    const require = createRequire(import.meta.url);
    const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
    const ended = promisify(execFile)(process.execPath, [
      tsc,
      '-p',
      join(root, 'pipelines'),
      '--pretty',
      'false',
    ]);
    await expect(ended.catch(({ stdout }) => Promise.reject(new Error(stdout)))).resolves.toBeDefined();
  });

  it.each([
    'ablation.ts',
    'cifar10.ts',
    'few-labels.ts',
    'finetune.ts',
    'gan.ts',
    'latent.ts',
    'quickstart.ts',
    'relatives.ts',
    'search-cifar10.ts',
    'search-folder.ts',
    'search-planted.ts',
    'unseen.ts',
  ])('%s imports rxaug, at most rxjs and node:url beside it, and nothing deeper', (name) => {
    const from = [
      ...readFileSync(pipeline(name), 'utf8').matchAll(/^(?:import|\} from|.*\bfrom) .*?'(.+?)';$/gm),
    ];
    const names = new Set(from.map((match) => match[1]));
    expect(names).toContain('rxaug');
    const faces = /^(rxaug(\/(layers|gan|onnx|datasets|report|search|plugin))?|rxjs|node:url)$/;
    expect([...names].filter((name) => !faces.test(name as string))).toEqual([]);
  });
});

const CHARACTERS = ['unseen.ts', 'learned=10', 'unseen=5', 'turns=2', 'drawings=8', 'group=2', 'batch=40'];

describe('generative models', () => {
  it.each([
    ['gan', ['gan.ts', 'latent=8'], ['fake', 'kid', 'memorized']],
    ['latent', ['latent.ts', 'tested=100'], ['reconstruction', 'kid', 'memorized']],
    ['dagan', ['relatives.ts', 'by=dagan'], ['change', 'variety', 'kid', 'memorized']],
    ['smart', ['relatives.ts', 'by=smart'], ['accuracy', 'kid', 'memorized']],
    ['unseen', CHARACTERS, ['change', 'variety', 'kid', 'recognized']],
  ])('%s: a judge learns first, then evaluations and sheets', async (name, [file, ...own], metrics) => {
    const sets = [
      ...own,
      ...(file === 'unseen.ts' ? [] : ['count=100']),
      'size=16',
      'width=8',
      'epochs=2',
      'judgeEpochs=1',
      'evaluateEvery=1',
    ].concat(file === 'latent.ts' ? [] : ['judged=100']);
    const { code, stdout, stderr } = await at.rxaug(
      ['gan', pipeline(file), '--samples', '1', '--out', name, '--workers', '0', '--json'].concat(
        sets.flatMap((set) => ['--set', set]),
      ),
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('judge: ');
    const { evaluations } = JSON.parse(stdout);
    expect(evaluations.length).toBeGreaterThanOrEqual(2);
    for (const each of evaluations.slice(-2))
      expect(Object.keys(each)).toEqual(expect.arrayContaining(metrics));
    expect(readdirSync(join(at.path, name, 'samples')).length).toBeGreaterThanOrEqual(2);
    const events = readFileSync(join(at.path, name, 'events.jsonl'), 'utf8')
      .split('\n')
      .flatMap((line) => (/"kind":"(evaluation|epoch)"/.test(line) ? [JSON.parse(line)] : []));
    const samplesOf = (wanted: string) => events.findLast(({ kind }) => kind === wanted).samples;
    expect(samplesOf('evaluation')).toBe(100);
    // Ten classes that are seen, eight drawings each, twice.
    if (name === 'unseen') expect(samplesOf('epoch')).toBe(160);
  });
});

describe('quickstart', () => {
  const few = (backend: string, out: string, ...more: string[]) =>
    at.rxaug(
      ['run', pipeline('quickstart.ts'), '--backend', backend, '--out', out, '--workers', '1'].concat(
        ['labels=5', 'epochs=2', 'tested=50', ...more].flatMap((set) => ['--set', set]),
      ),
    );
  const RUNS = ['bare', 'latent', 'regularized'];
  const sheets = (out: string) => readdirSync(join(at.path, out)).filter((name) => name.endsWith('.png'));

  it('says its plan, trains three times with the autoencoder that comes with it, and shows curves, a table and sheets', async () => {
    const { code, stdout, stderr } = await few('auto', 'quick');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(
      /^plan: 3 trainings \(bare, latent, regularized\) on 50 pictures, about \d+ minutes? /m,
    );
    for (const run of RUNS) {
      expect(stderr).toMatch(new RegExp(`^${run}: test accuracy [\\d.]+ %, 4 steps in `, 'm'));
      expect(stdout).toMatch(new RegExp(`\n${run} +[\\d.]+ % +[\\d.]+ % +-?[\\d.]+ %\n`));
    }
    // Few lines, none for an epoch.
    expect(stderr).not.toMatch(/epoch \d/);
    const marks = ['• bare train', '× bare test', '+ latent train', 'o latent test'];
    expect(stdout).toContain([...marks, '* regularized train', '# regularized test'].join('  '));
    expect(stdout).toMatch(/\n {13}train accuracy {2}test accuracy +gap\n/);
    expect(stdout).not.toContain('\u001b');
    expect(sheets('quick')).toEqual(['latent.png', 'pictures.png', 'sheet.png']);
    expect((await sharp(join(at.path, 'quick/latent.png')).metadata()).format).toBe('png');
    expect(JSON.parse(readFileSync(join(at.path, 'quick/sheet.json'), 'utf8')).cells).toHaveLength(64);
  });

  it('trains the autoencoder itself if asked, writes it, and runs that one', async () => {
    const { code, stderr } = await few(
      'auto',
      'trained',
      'generative=train',
      'unlabeled=128',
      'latentEpochs=1',
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^plan: 4 trainings \(bare, autoencoder, latent, regularized\)/m);
    expect(stderr).toMatch(/^autoencoder: 2 steps in /m);
    for (const name of ['encode.onnx', 'decode.onnx']) {
      const bytes = readFileSync(join(at.path, 'trained', name));
      const ready = readFileSync(pipeline(`quickstart/${name}`));
      expect(bytes.equals(ready)).toBe(false);
      expect(Math.abs(bytes.length - ready.length)).toBeLessThan(2000);
    }
    expect(sheets('trained')).toContain('latent.png');
  });

  it.each([
    ['ready', 'unlabeled=128', 'unlabeled'],
    ['none', 'latentEpochs=1', 'latentEpochs'],
  ])('with generative=%s, %s is refused, and an earlier run stays', async (generative, given, key) => {
    const sets = [`generative=${generative}`, given].flatMap((set) => ['--set', set]);
    const { code, stderr } = await at.rxaug(
      ['run', pipeline('quickstart.ts'), '--out', 'quick', '--overwrite'].concat(sets),
    );
    expect(code).toBe(2);
    expect(stderr).toContain(
      `: --set ${key}: means nothing where no autoencoder is trained; add --set generative=train or leave it out\n`,
    );
    expect(sheets('quick')).toContain('sheet.png');
  });

  it.each([
    ['epochs=-1', 'epochs: expected a whole number ≥ 0 but received -1; use one'],
    ['labels=2.5', 'labels: expected a whole number ≥ 1 but received 2.5; use one'],
    ['unlabeled=10', 'unlabeled: expected a whole number ≥ 64 but received 10; use one'],
  ])('%s is refused by its name', async (given, told) => {
    const { code, stderr } = await few('auto', 'numbers', given);
    expect(code).toBe(2);
    expect(stderr).toContain(`: --set ${told}\n`);
    expect(stderr).not.toContain('plan:');
  });

  it('takes a smaller network without native TensorFlow, and no latent noise, and says so', async () => {
    const { code, stdout, stderr } = await few('wasm', 'slower');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/: so a smaller network, 2 epochs, and no training with latent noise\n/);
    expect(stderr).toMatch(/^plan: 2 trainings /m);
    expect(stdout).not.toContain('latent');
    expect(stdout).toMatch(/\nregularized +[\d.]+ % +[\d.]+ % +-?[\d.]+ %\n/);
    const asked = await few('wasm', 'odd', 'generative=maybe');
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain(
      "--set generative: expected ready, train or none but received 'maybe'; use one of them",
    );
  });

  it('the autoencoder that comes with it is small, and its log is that of these files', () => {
    const files = ['encode.onnx', 'decode.onnx'].map((name) => readFileSync(pipeline(`quickstart/${name}`)));
    expect(files.reduce((sum, bytes) => sum + bytes.length, 0)).toBeLessThan(1.5e6);
    const log = readFileSync(pipeline('quickstart/autoencoder.log'), 'utf8');
    for (const bytes of files) expect(log).toContain(createHash('sha256').update(bytes).digest('hex'));
    expect(log).toContain('data: toys10, training split alone');
  });
});

describe('cifar10', () => {
  beforeAll(async () => {
    for (const [name, count] of [
      ['train-000.tar', 40],
      ['train-001.tar', 40],
      ['test-000.tar', 20],
    ] as const) {
      const tar = new TarWriter(join(at.path, 'shards', name));
      for (let i = 0; i < count; i++) {
        const background = { r: 25 * (i % 10), g: 128, b: 0 };
        const picture = sharp({ create: { width: 32, height: 32, channels: 3, background } });
        tar.add(`${i}.jpg`, await picture.jpeg().toBuffer());
        tar.add(`${i}.cls`, `${i % 10}`);
      }
      tar.finish();
    }
  });

  it('trains on shards and ends with its accuracies in JSON', async () => {
    const small = ['data=shards', 'epochs=2', 'depth=8', 'batch=16', 'perClass=5'].flatMap((set) => [
      '--set',
      set,
    ]);
    const { code, stdout } = await at.rxaug([
      'run',
      pipeline('cifar10.ts'),
      ...small,
      '--json',
      '--workers',
      '1',
    ]);
    expect(code).toBe(0);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ pipeline: 'cifar10', epochs: 2, steps: 6, model: 'resnet-8' });
    for (const name of ['testAccuracy', 'trainAccuracy', 'imagesPerSecond', 'gap'])
      expect(summary[name]).toBeTypeOf('number');
  });

  it('gives the same digest for any number of workers', async () => {
    const args = [
      'digest',
      pipeline('cifar10.ts'),
      '--set',
      'data=shards',
      '--set',
      'batch=16',
      '--set',
      'mixup=0.2',
      '--batches',
      '8',
    ];
    const lines = [];
    for (const workers of ['0', '3']) lines.push((await at.rxaug([...args, '--workers', workers])).stdout);
    expect(lines[0]).toMatch(/^[0-9a-f]{64}\n$/);
    expect(lines[1]).toBe(lines[0]);
  });

  it('names the folder where there are no shards', async () => {
    const { code, stderr } = await at.rxaug([
      'run',
      pipeline('cifar10.ts'),
      '--out',
      'none',
      '--set',
      'data=elsewhere',
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^rxaug: .*elsewhere.*\n$/);
  });
});
