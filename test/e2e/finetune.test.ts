/** `pipelines/finetune.ts` on a folder of photos: with weights from a file, and to try it out without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resnet18 } from '../../src/train/index.js';
import { build } from '../../src/train/models/model.js';
import { loadCheckpoint } from '../../src/train/state/checkpoint.js';
import { disposeState } from '../../src/train/state/tensors.js';
import { useBackend } from '../train/golden.js';
import { inOurOrder, stored, storedSpecs, writeSafetensors } from '../train/keyed-weights.js';
import { Workspace } from './command.js';

const PIPELINE = fileURLToPath(new URL('../../pipelines/finetune.ts', import.meta.url));
const CLASSES = ['barn', 'lake', 'road'];
const at = new Workspace();
afterAll(() => at.dispose());

const run = (sets: Record<string, string | number>, more: string[] = []) =>
  at.rxaug(
    ['run', PIPELINE, '--workers', '0', '--seed', '3', ...more].concat(
      Object.entries(sets).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ),
  );

/** ResNet-18 for images of a size and so many classes, as it is named and laid out in a file. */
function fileOf(classes: number) {
  return storedSpecs(
    build(resnet18(), {
      input: [64, 64, 3],
      classes: Array.from({ length: classes }, (_, i) => `${i}`),
    }),
  );
}

beforeAll(async () => {
  await useBackend('wasm');
  for (const [label, name] of CLASSES.entries()) {
    for (let i = 0; i < 8; i++) {
      // Stripes of a direction and a color that the class has, on noise.
      const [width, height] = [90 + 7 * i, 80 + 3 * i];
      const pixels = Buffer.from(
        Array.from({ length: width * height * 3 }, (_, p) => {
          const [x, y] = [Math.floor(p / 3) % width, Math.floor(p / 3 / width)];
          const wave = Math.sin((label === 0 ? x : label === 1 ? y : x + y) / (3 + i / 4));
          return Math.round(110 + 60 * wave * Number(p % 3 === label) + ((p * 7919 + i * 31) % 40));
        }),
      );
      const image = sharp(pixels, { raw: { width, height, channels: 3 } });
      at.write(`photos/${name}/${i}.jpg`, await image.jpeg().toBuffer());
    }
  }
  writeSafetensors(
    join(at.path, 'resnet18.safetensors'),
    fileOf(1000).map(({ name, shape }) => stored(name, shape)),
    { format: 'pt' },
  );
});

const small = { data: 'photos', size: 64, epochs: 2, batch: 6, validation: 0.25 };

describe('finetune', () => {
  it('trains from a file, says what of it is used, and leaves frozen layers as they are', async () => {
    const sets = { ...small, weights: 'resnet18.safetensors', frozen: 'stem,stage1,stage2', depthDecay: 0.8 };
    const { code, stdout, stderr } = await run(sets, ['--out', 'tuned', '--json']);
    expect(code, stderr).toBe(0);
    expect(stderr.match(/100 tensors of torchvision's layout are read; .*/g)).toEqual([
      "100 tensors of torchvision's layout are read; head/kernel and head/bias start anew; fc.weight [1000, 512] and fc.bias [1000] of the file are left out",
    ]);
    expect(stderr).not.toContain('no weights');
    expect(JSON.parse(stdout)).toMatchObject({ steps: 6, testAccuracy: expect.any(Number) });

    const { state, look, step } = await loadCheckpoint(join(at.path, 'tuned/last.ckpt'));
    expect(look.classes).toEqual(CLASSES);
    expect(step).toBe(6); // 18 images of 24, in batches of 6, twice
    const counts = { still: 0, moved: 0 };
    for (const spec of fileOf(1000)) {
      const { own, part } = spec;
      if (own.startsWith('head/')) continue;
      const values = inOurOrder(spec);
      const now = state[part][own]!.dataSync();
      const same = values.every((value, i) => value === now[i]);
      expect(same, own).toBe(/^(stem|stage[12])\//.test(own));
      counts[same ? 'still' : 'moved']++;
    }
    expect(counts).toEqual({ still: 50, moved: 50 });
    disposeState(state);

    const events = readFileSync(join(at.path, 'tuned/events.jsonl'), 'utf8');
    expect(events).toContain('"frozen":["stage1","stage2","stem"]');
    const [photo] = CLASSES.map((name) => `photos/${name}/1.jpg`);
    const predicted = await at.rxaug(['predict', 'tuned/last.ckpt', photo as string]);
    expect(predicted.code, predicted.stderr).toBe(0);
  });

  it('runs without weights for a try-out, and says so', async () => {
    const { code, stderr } = await run({ ...small, epochs: 1, size: 32 }, ['--out', 'bare']);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('no weights: all layers start anew, which needs many more images and epochs');
  });

  it.each([
    [{ data: '' }, '--set data: expected a folder of class folders; give its path'],
    [{ model: 'resnet19' }, '--set model: expected resnet18, resnet34, resnet50, vitS16 but received '],
    [{ frozen: 'stem' }, '--set frozen: expected weights too'],
    [{ head: 'file' }, '--set head: expected weights too'],
    [{ head: 'old' }, "--set head: expected new, file but received 'old'; give one of them"],
    [
      { weights: 'resnet18.safetensors', model: 'resnet34' },
      "has no 'layer1.2.conv1.weight', which resnet34 needs",
    ],
    [{ weights: 'photos/lake/0.jpg' }, 'so it is no safetensors file'],
  ] as [Record<string, string | number>, string][])(
    '%j is refused in a sentence',
    async (wrong, sentence) => {
      const { code, stderr } = await run({ ...small, ...wrong }, ['--out', 'wrong']);
      expect(code).not.toBe(0);
      expect(stderr).toContain(sentence);
      expect(stderr).not.toContain('    at ');
    },
  );
});
