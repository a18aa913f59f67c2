/** The bench's own parts: which cases and peers a command line stands for, and what each peer runs in and on. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { throwError } from 'rxjs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
// @ts-expect-error the bench is plain JavaScript
import { CASES } from '../bench/cases/index.mjs';
// @ts-expect-error
import { checkPeers, choose, contestantsOf, parse } from '../bench/lib/args.mjs';
// @ts-expect-error
import { makeLarge } from '../bench/lib/make-large.mjs';
// @ts-expect-error
import { among, list, number, readOptions, wholeNumber } from '../bench/lib/options.mjs';
// @ts-expect-error
import { trainSteps } from '../bench/lib/ours-training.mjs';
// @ts-expect-error
import { reasonIn } from '../bench/lib/venv.mjs';

interface Case {
  name: string;
  inputs: string[];
  contestants: Record<string, { script?: string; env?: string }>;
}
const cases = CASES as Case[];
const peersFolder = fileURLToPath(new URL('../bench/peers/', import.meta.url));
const names = (given: string[]) => (choose(given, cases) as Case[]).map(({ name }) => name);

describe('a training as a contestant', () => {
  it('that ends before its first batch says why', async () => {
    const rxaug = { train: () => throwError(() => new Error('the backend does not load')) };
    await expect(trainSteps(rxaug, {}, {})).rejects.toThrow('the backend does not load');
  });
});

describe('the cases of a command line', () => {
  it('has the group augment beside large-photos', () => {
    expect(names(['augment', 'large-photos'])).toEqual([
      'augment-224',
      'augment-224-decoded',
      'randaugment-224',
      'trivialaugment-224',
      'augmix-224',
      'cifar-32',
      'large-photos',
      'scaling',
    ]);
  });

  it('has the group train: our step compiled and eager, and PyTorch both ways', () => {
    const steps = choose(['train'], cases) as Case[];
    expect(steps.map(({ name }) => name)).toEqual([
      'train-step-resnet20',
      'train-step-resnet20-full',
      'train-step-wrn16-4',
      'train-step-small-cnn',
      'train-step-vit',
      'train-step-gan',
    ]);
    for (const { name, contestants } of steps) {
      const all = ['rxaug', 'rxaug-eager', 'rxaug-xla', 'pytorch', 'pytorch-compile'];
      const xla = name === 'train-step-resnet20';
      expect(Object.keys(contestants), name).toEqual(all.filter((one) => xla || one !== 'rxaug-xla'));
    }
  });

  it('takes the beginning of a name, and refuses what is none', () => {
    expect(names(['large'])).toEqual(['large-photos']);
    expect(() => names(['small'])).toThrow("received 'small'");
  });
});

describe('the choice of peers', () => {
  const large = cases.filter(({ name }) => name === 'large-photos');
  const chosen = (argv: string[]) => Object.keys(contestantsOf(large[0], parse(argv)));

  it('is all by default, and those named', () => {
    expect(chosen([])).toEqual(Object.keys(large[0]?.contestants ?? {}));
    expect(chosen(['--peers', 'dali,opencv-reduced'])).toEqual(['rxaug', 'opencv-reduced', 'dali']);
    expect(chosen(['--peers', 'none'])).toEqual(['rxaug']);
  });

  it('refuses a name that none of the cases has', () => {
    expect(() => checkPeers(['dali', 'torchvision-dataloader'], large)).toThrow(
      "received 'torchvision-dataloader'",
    );
    expect(() => checkPeers(['dali', 'torchvision-dataloader'], cases)).not.toThrow();
    expect(() => checkPeers(undefined, large)).not.toThrow();
  });
});

describe('options of single measurements', () => {
  const known = {
    out: {},
    images: { default: '50', read: wholeNumber },
    every: { default: '0.5', read: number },
    kinds: { default: 'flip,bright', read: among(['flip', 'bright', 'nothing']) },
    seeds: { default: '1', read: list('whole numbers', (seed: string) => /^\d+$/.test(seed)) },
    keep: { type: 'boolean', default: false },
  };
  const read = (...args: string[]) => readOptions(args, known);

  it('are read, or have their defaults', () => {
    expect({ ...read() }).toEqual({
      ...{ images: 50, every: 0.5, kinds: ['flip', 'bright'], seeds: ['1'], keep: false },
    });
    expect(
      read('--out', 'x', '--images', '7', '--kinds', 'nothing', '--seeds', '2,3', '--keep'),
    ).toMatchObject({
      ...{ out: 'x', images: 7, kinds: ['nothing'], seeds: ['2', '3'], keep: true },
    });
  });

  it.each([
    [['--imges', '7'], "Unknown option '--imges'"],
    [['--images', '0'], "expected --images to be a whole number ≥ 1 but received '0'"],
    [['--images', '1e3'], "received '1e3'"],
    [['--every='], "expected --every to be a number ≥ 0 but received ''"],
    [['--every', 'soon'], "received 'soon'"],
    [
      ['--kinds', 'flip,rotate'],
      "expected --kinds to be a list of flip, bright, nothing but received 'rotate'",
    ],
    [['--kinds', 'flip,flip'], "--kinds names 'flip' twice; name it once"],
    [['--seeds', '1,two'], "expected --seeds to be a list of whole numbers but received 'two'"],
  ])('%j is refused in a sentence', (args, sentence) => {
    expect(() => read(...args)).toThrow(sentence);
  });
});

it('searches that failed, or had ended before, are named and counted', () => {
  const out = mkdtempSync(join(tmpdir(), 'rxaug-planted-'));
  const script = fileURLToPath(new URL('../bench/search-planted.mjs', import.meta.url));
  const args = ['--out', out, '--kinds', 'nothing', '--seeds', '1,2,3', '--budget', 'soon'];
  const ended = {
    ...{
      seconds: 60,
      verdict: 'nothing',
      best: 'plain',
      versus: [],
      controls: [{ name: 'plain', mean: 0.5 }],
    },
    ...{ found: { mean: 0.5, runs: [1] }, ops: [], searches: [{ strength: 0.1 }] },
  };
  writeFileSync(join(out, 'nothing-critic-3.json'), JSON.stringify(ended));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  rmSync(out, { recursive: true, force: true });
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([{ seed: 3, found: 0.5 }]);
  expect(stderr).toContain(
    'nothing-critic-3.json is there already, whatever its budget was; it is not run again',
  );
  expect(stderr).toContain('search-planted: 2 of 3 searches failed and are not in the table');
});

describe('the peers', () => {
  const entries = cases.flatMap((one) =>
    Object.entries(one.contestants).map((entry) => [one, ...entry] as const),
  );

  it('have a script each, a pinned list for each environment, and a line in the README', () => {
    const readme = readFileSync(new URL('../bench/README.md', import.meta.url), 'utf8');
    for (const [one, name, { script, env }] of entries) {
      if (script) expect(existsSync(peersFolder + script), script).toBe(true);
      if (env) expect(existsSync(`${peersFolder}requirements-${env}.txt`), env).toBe(true);
      if (script && one.name.includes('-224')) expect(readme).toContain(name);
    }
    const lists = readdirSync(peersFolder).filter((file) => file.startsWith('requirements'));
    for (const list of lists)
      for (const line of readFileSync(peersFolder + list, 'utf8').split('\n'))
        if (line && !line.startsWith('#')) expect(line, list).toMatch(/^[\w.-]+==[\w.]+$/);
  });

  it('keep AlbumentationsX in an environment of its own, out of what is shipped', () => {
    for (const [, name, { env }] of entries)
      if (name === 'albumentationsx') expect(env).toBe('albumentationsx');
    const { files, dependencies } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    );
    expect(files.some((file: string) => file.startsWith('bench'))).toBe(false);
    expect(Object.keys(dependencies)).not.toContain('albumentationsx');
  });
});

describe('why a peer is absent', () => {
  it('is the exception that the installation met, not the hint after it', () => {
    const said = [
      '      RuntimeError: Could not find required package: opencv.',
      '      [end of output]',
      '  note: This error originates from a subprocess, and is likely not a problem with pip.',
    ].join('\n');
    expect(reasonIn(said)).toBe('RuntimeError: Could not find required package: opencv.');
    expect(reasonIn('first\nlast')).toBe('last');
  });
});

describe('the photos of large-photos', () => {
  it('are 4:2:0, of both orientations, and the same bytes each time', async () => {
    const made = async () => {
      const files: [string, Buffer][] = [];
      await makeLarge((name: string, bytes: Buffer) => files.push([name, bytes]), {
        photos: 4,
        long: 400,
        short: 300,
      });
      return files;
    };
    const [once, again] = [await made(), await made()];
    expect(once.map(([name]) => name)).toEqual(['large-0.jpg', 'large-1.jpg', 'large-2.jpg', 'large-3.jpg']);
    for (const [i, [name, bytes]] of once.entries()) {
      expect(bytes.equals(again[i]?.[1] as Buffer), name).toBe(true);
      const { width, height, chromaSubsampling } = await sharp(bytes).metadata();
      expect([width, height, chromaSubsampling]).toEqual(i === 3 ? [300, 400, '4:2:0'] : [400, 300, '4:2:0']);
    }
    expect(once[0]?.[1].equals(once[1]?.[1] as Buffer)).toBe(false);
  });
});
