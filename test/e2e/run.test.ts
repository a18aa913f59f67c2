import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TarWriter } from '../../src/io/index.js';
import { type CommandOptions, MADE, Workspace } from './command.js';

const TRAINS = `
import { arrays, batch, mlp, train } from 'rxaug';
import pipeline, { made } from './made.ts';

export default {
  ...pipeline,
  name: 'trains',
  run: (batches$, { seed, out, resume, signal, backend }) =>
    train(batches$, {
      model: mlp({ hidden: [8] }),
      validation: arrays(made(20)).pipe(batch(10)),
      checkpoint: { dir: out },
      seed, resume, signal, backend,
    }),
};
`;

const SHARDS = `
import { batch, definePipeline, horizontalFlip, webdataset } from 'rxaug';
export default definePipeline({
  name: 'shards',
  settings: { data: 'shard.tar' },
  batches: ({ settings, workers }) => webdataset(settings.data).pipe(horizontalFlip(), batch(8, { workers })),
});
`;

const BEGUN = MADE.replace(
  'batches: ({ settings, seed, workers }) =>',
  "batches: ({ settings, seed, workers, log }) => log('begun') ??",
);

const DEAF = `
import { definePipeline } from 'rxaug';
import { EMPTY, NEVER } from 'rxjs';
export default definePipeline({
  name: 'deaf',
  settings: {},
  batches: () => EMPTY,
  run(batches$, { log }) {
    setInterval(() => {}, 1000);
    log('begun');
    return NEVER;
  },
});
`;

const INDEX = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

const EAGER = `
import { writeFileSync } from 'node:fs';
import { train } from 'rxaug';
writeFileSync('trained.txt', String(train.name));
`;

const at = new Workspace({
  'eager.ts': EAGER,
  'eager.js': EAGER,
  'reexport.ts': "export { default } from './made.ts';",
  'plain.cjs': "module.exports = { name: 'plain', settings: {}, batches: () => ({}) };",
  'made.ts': MADE,
  'trains.ts': TRAINS,
  'shards.ts': SHARDS,
  'begun.ts': BEGUN,
  'deaf.ts': DEAF,
});
afterAll(() => at.dispose());

const events = (folder: string) =>
  readFileSync(join(at.path, folder, 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

/** Sends a signal when a word appears, once. */
function once(word: string, signal: NodeJS.Signals): NonNullable<CommandOptions['onStderr']> {
  let sent = false;
  return (text, kill) => {
    if (sent || !text.includes(word)) return;
    sent = true;
    kill(signal);
  };
}

describe('rxaug run', () => {
  it('streams a pipeline that does not train', async () => {
    const { code, stdout } = await at.rxaug(['run', 'made.ts', '--workers', '0']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^180 images in 24 batches, \d+ images\/s\n$/);
    const json = await at.rxaug(['run', 'made.ts', '--workers', '1', '--json', '--set', 'epochs=1']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      pipeline: 'made',
      seed: 0,
      settings: { epochs: 1 },
      batches: 8,
      images: 60,
      epochs: 1,
      badSamples: { count: 0, samples: [] },
    });
  });

  it('trains, with one line of JSON on stdout and the events in the folder', async () => {
    const { code, stdout, stderr } = await at.rxaug([
      'run',
      'trains.ts',
      '--json',
      '--seed',
      '4',
      '--out',
      'here',
      '--workers',
      '0',
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toHaveLength(2);
    const summary = JSON.parse(stdout);
    expect(summary).toMatchObject({ pipeline: 'trains', seed: 4, epochs: 3, steps: 24, model: 'mlp-8' });
    for (const share of ['testAccuracy', 'trainAccuracy']) {
      expect(summary[share]).toBeGreaterThan(0);
      expect(summary[share]).toBeLessThanOrEqual(1);
    }
    expect(summary.gap).toBeCloseTo(summary.trainAccuracy - summary.testAccuracy, 5);
    expect(summary.imagesPerSecond).toBeGreaterThan(0);
    expect(stderr).toContain('epoch 3');
    const kinds = events('here').map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'step')).toHaveLength(24);
    expect(kinds.filter((kind) => kind === 'epoch')).toHaveLength(3);
    expect(kinds.at(-1)).toBe('done');
    expect(existsSync(join(at.path, 'here/last.ckpt'))).toBe(true);
  });

  it('says the result in a line for people', async () => {
    const { stdout } = await at.rxaug(['run', 'trains.ts', '--set', 'epochs=1', '--workers', '0']);
    expect(stdout).toMatch(
      /^test accuracy [\d.]+ %, train accuracy [\d.]+ %, gap -?[\d.]+ %, ECE [\d.]+ %, 1 epoch, \d+ images\/s\n$/,
    );
  });
});

describe('a script without a default export', () => {
  it.each(['eager.ts', 'eager.js'])('%s is refused before its code runs', async (file) => {
    const { code, stdout, stderr } = await at.rxaug(['run', file]);
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      `rxaug: ${file}: it has no default export; write export default definePipeline({ … })\n`,
    ]);
    expect(existsSync(join(at.path, 'trained.txt'))).toBe(false);
  });

  it('is not assumed of a re-exported default export, nor of CommonJS', async () => {
    expect((await at.rxaug(['digest', 'reexport.ts', '--batches', '1', '--workers', '0'])).code).toBe(0);
    const plain = await at.rxaug(['run', 'plain.cjs']);
    expect(plain.stderr).toContain('plain.cjs: batches: expected a stream of batches');
  });
});

describe('a folder with a finished run', () => {
  it('is not overwritten without --overwrite; --resume says that it is finished', async () => {
    const args = ['run', 'trains.ts', '--workers', '0', '--out', 'kept', '--set', 'epochs=1'];
    expect((await at.rxaug(args)).code).toBe(0);
    const before = readFileSync(join(at.path, 'kept/last.ckpt'));
    const again = await at.rxaug(args);
    expect([again.code, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toContain(
      'kept: holds a run that is finished; continue it with --resume, give another folder with --out, or replace it with --overwrite',
    );
    const resumed = await at.rxaug([...args, '--resume']);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toContain('this training is finished already, after epoch 1');
    expect(readFileSync(join(at.path, 'kept/last.ckpt'))).toEqual(before);
    const both = await at.rxaug([...args, '--resume', '--overwrite']);
    expect(both.code).toBe(2);
    const other = await at.rxaug([...args, '--overwrite', '--seed', '1']);
    expect(other.code).toBe(0);
    expect(readFileSync(join(at.path, 'kept/last.ckpt'))).not.toEqual(before);
    const script = `const { load } = await import(${JSON.stringify(INDEX)});
      console.log((await load('kept/last.ckpt')).classes.join());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: at.path,
    });
    expect(stdout).toBe('dark,bright\n'); // load takes a backend where none is loaded
    const none = await at.rxaug(['run', 'trains.ts', '--out', 'fresh', '--set', 'epochs=1', '--resume']);
    expect(none.code).toBe(0);
    expect(none.stderr).toContain('fresh/last.ckpt; training begins anew');
  });
});

describe('Ctrl-C', () => {
  it('stops after the step, saves and exits with 130; --resume goes on from there to the same weights', async () => {
    const args = ['run', 'trains.ts', '--json', '--workers', '0', '--out'];
    const stopped = await at.rxaug([...args, 'stopped', '--set', 'epochs=2000'], {
      onStderr: once('epoch 2', 'SIGINT'),
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('stopping after this step; once more to stop at once');
    const summary = JSON.parse(stopped.stdout);
    expect(summary).toMatchObject({ stopped: 'aborted' });
    expect(stopped.stderr).toContain(
      'continue with: npx rxaug run trains.ts --json --workers 0 --out stopped --set epochs=2000 --resume',
    );
    expect(stopped.stderr).not.toContain('done');
    expect(events('stopped').at(-1)).toMatchObject({ kind: 'done', stopped: 'aborted', step: summary.steps });
    const { epochs } = summary;

    const resumed = await at.rxaug([...args, 'stopped', '--resume', '--set', `epochs=${epochs + 2}`]);
    expect(resumed.code).toBe(0);
    const whole = await at.rxaug([...args, 'whole', '--set', `epochs=${epochs + 2}`]);
    const losses = (folder: string) => {
      const steps = events(folder).filter(({ kind }) => kind === 'step');
      return steps.map(({ step, metrics }) => [step, metrics.loss]);
    };
    expect(losses('stopped')).toEqual(losses('whole'));
    expect(JSON.parse(resumed.stdout).testLoss).toBe(JSON.parse(whole.stdout).testLoss);
  });

  it('stops a digest, which prints nothing then', async () => {
    const endless = ['--batches', '1000000', '--set', 'epochs=1000000', '--workers', '1'];
    const { code, stdout, stderr } = await at.rxaug(['digest', 'begun.ts', ...endless], {
      onStderr: once('begun', 'SIGINT'),
    });
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toContain('rxaug: interrupted\n');
  });

  it('exits with 143 on SIGTERM', async () => {
    const { code, stderr } = await at.rxaug(
      ['run', 'begun.ts', '--set', 'epochs=1000000', '--workers', '0'],
      { onStderr: once('begun', 'SIGTERM') },
    );
    expect(code).toBe(143);
    expect(stderr).toContain('nothing was saved: this pipeline writes no checkpoint');
  });

  it('ends unresponsive work when pressed again', async () => {
    const first = once('begun', 'SIGINT');
    const second = once('stopping', 'SIGINT');
    const { code, stderr } = await at.rxaug(['run', 'deaf.ts'], {
      onStderr(text, kill) {
        first(text, kill);
        second(text, kill);
      },
    });
    expect(code).toBe(130);
    expect(stderr).not.toContain('interrupted');
  });
});

describe('samples that cannot be used', () => {
  beforeAll(async () => {
    const tar = new TarWriter(join(at.path, 'shard.tar'));
    for (let i = 0; i < 40; i++) {
      const picture = sharp({
        create: { width: 8, height: 8, channels: 3, background: { r: 6 * i, g: 0, b: 0 } },
      });
      const bytes = i === 7 ? Buffer.from('no picture') : await picture.jpeg().toBuffer();
      tar.add(`s${i}.jpg`, bytes);
      tar.add(`s${i}.cls`, Buffer.from(`${i % 2}`));
    }
    tar.add('lonely.cls', Buffer.from('1'));
    tar.finish();
  });

  it('bad samples are left out, counted and listed with their reasons', async () => {
    const { code, stdout, stderr } = await at.rxaug(['run', 'shards.ts', '--json', '--workers', '1']);
    expect(code).toBe(0);
    const { images, badSamples } = JSON.parse(stdout);
    expect(images).toBe(39);
    expect(badSamples.count).toBe(2);
    expect(badSamples.samples).toContainEqual({
      id: 'shard.tar/s7.jpg',
      reason: expect.stringContaining('expected a JPEG, PNG'),
    });
    expect(stderr).toContain('2 samples were left out:\n');
    expect(stderr).toMatch(/shard\.tar\/lonely\.cls: .*\n/);
    expect(events('runs/shards').filter(({ kind }) => kind === 'bad')).toHaveLength(2);
  });

  it('end the run when they are too many, and are listed all the same', async () => {
    at.write(
      'strict.ts',
      SHARDS.replace('batch(8, {', 'batch(8, { maxBad: 0,').replace("'shards'", "'strict'"),
    );
    const tar = new TarWriter(join(at.path, 'bad.tar'));
    for (let i = 0; i < 20; i++) {
      tar.add(`s${i}.jpg`, Buffer.from('no picture'));
      tar.add(`s${i}.cls`, Buffer.from('0'));
    }
    tar.finish();
    const { code, stdout, stderr } = await at.rxaug([
      'run',
      'strict.ts',
      '--set',
      'data=bad.tar',
      '--workers',
      '0',
    ]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/rxaug: \d+ of 20 samples cannot be used, more than the 0 % allowed; .*\n$/);
  });
});
