/** `policy('./found.json')`: what it draws, and what files it refuses. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  brightness,
  definePlugin,
  defineTransform,
  horizontalFlip,
  hue,
  mixupTransform,
  pipelineToJson,
  policy,
  randomApply,
  rotate,
  type SampleOperator,
  shear,
  weightedOneOf,
} from '../../src/augment/index.js';
import { fold, keyOf, RxaugError, UsageError } from '../../src/core/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxaug-policy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string) => join(folder, name);
const written = (name: string, value: unknown) => {
  writeFileSync(path(name), typeof value === 'string' ? value : JSON.stringify(value));
  return path(name);
};
const draws = ({ transform }: SampleOperator, n = 200) =>
  Array.from({ length: n }, (_, i) => transform.draw(fold(keyOf(3), i), i / n));

describe('a policy from a file', () => {
  const found = weightedOneOf(
    [0.7, randomApply(0.5, rotate(30), shear({ x: [-0.3, 0.3] }))],
    [0.3, randomApply(0.9, brightness([0.5, 1.5]))],
  );

  it('of one transform draws what that draws, and is stored as that', () => {
    const read = policy(written('one.json', pipelineToJson([found])));
    expect(draws(read)).toEqual(draws(found));
    expect(pipelineToJson([read])).toEqual(pipelineToJson([found]));
  });

  it('of several applies them in order, as one', () => {
    const read = policy(written('several.json', pipelineToJson([horizontalFlip({ p: 1 }), found, hue(0.1)])));
    for (const drawn of draws(read)) {
      expect(drawn[0]?.op).toBe('horizontalFlip');
      expect(drawn.at(-1)?.op).toBe('hue');
    }
    expect(draws(read)).toEqual(draws(randomApply(1, horizontalFlip({ p: 1 }), found, hue(0.1))));
  });

  it('of none draws nothing, and can be stored', () => {
    const read = policy(written('none.json', { rxaug: 2, transforms: [], batch: [] }));
    expect(draws(read).flat()).toEqual([]);
    expect(draws(policy(written('stored.json', pipelineToJson([read])))).flat()).toEqual([]);
  });

  it('of an older version is read with its names', () => {
    const read = policy(written('old.json', { rxaug: 1, transforms: [{ op: 'flip', options: { p: 1 } }] }));
    expect(draws(read, 1)).toEqual([[{ op: 'horizontalFlip', params: {} }]]);
  });
});

const veil = defineTransform({
  name: 'veil',
  options: z.strictObject({ strength: z.number().min(0).max(1).default(0.5) }),
  params: z.strictObject({ strength: z.number() }),
  draw: (_, { strength }) => ({ strength }),
  lower: ({ strength }, plan) => plan.lookUp((value) => value * strength),
});

describe('transforms of plugins', () => {
  const lens = definePlugin({ name: 'lens', transforms: [veil] });
  const veiled = (options: object) => {
    const of = [{ op: 'veil', options }];
    return written('veil.json', {
      rxaug: 2,
      transforms: [{ op: 'weightedOneOf', options: { weights: [1], of } }],
    });
  };

  it('come from the plugins given', () => {
    const read = policy(veiled({ strength: 0.3 }), { lens });
    expect(draws(read, 1)).toEqual([[{ op: 'veil', params: { strength: 0.3 } }]]);
    expect(read.transform.ops).toEqual([veil.op]);
  });

  it('are refused without their plugin, and with wrong options by its name', () => {
    expect(() => policy(veiled({}))).toThrow(
      /^policy '.*': unknown transform 'veil'; look it up in docs\/transforms.md, or name the plugin that brings it$/,
    );
    expect(() => policy(veiled({ strength: 2 }), { lens })).toThrow(
      /^policy '.*': plugin 'lens', transform 'veil': veil: strength: expected a number in 0..1 but received 2/,
    );
    expect(() => policy(veiled({ strength: 2 }), { lens })).toThrow(UsageError);
    const broken = Object.assign(
      () => {
        throw new TypeError('no aperture');
      },
      { op: { ...veil.op, name: 'broken' } },
    );
    const odd = definePlugin({ name: 'odd', transforms: [broken] });
    const file = written('broken.json', { rxaug: 2, transforms: [{ op: 'broken' }] });
    expect(() => policy(file, { odd })).toThrow(/plugin 'odd', transform 'broken': no aperture/);
    expect(() => policy(file, { odd })).toThrow(RxaugError);
  });
});

describe('refused', () => {
  const nested = (levels: number) => {
    let text = '{"op":"horizontalFlip"}';
    for (let i = 0; i < levels; i++) text = `{"op":"weightedOneOf","options":{"weights":[1],"of":[${text}]}}`;
    return `{"rxaug":2,"transforms":[${text}]}`;
  };
  const one = (op: string, options = {}) => ({ rxaug: 2, transforms: [{ op, options }] });

  it.each<[string, unknown, string]>([
    ['text', 'rotate', 'pipeline: expected JSON but received text that is not'],
    ['nothing', '', 'pipeline: expected JSON'],
    ['null', 'null', 'pipeline: expected an object'],
    ['a list', [{ op: 'rotate' }], 'pipeline: expected an object'],
    ['a newer version', { rxaug: 3, transforms: [] }, 'expected version 2 or older but received 3'],
    ['an unknown op', one('rotatte'), "unknown transform 'rotatte'; did you mean 'rotate'?"],
    ['a property of objects', one('__proto__'), "unknown transform '__proto__'"],
    ['an unknown option', one('rotate', { degrees: 3 }), "rotate: unknown option 'degrees'"],
    ['a value out of range', one('horizontalFlip', { p: 2 }), 'horizontalFlip: p: expected a number in 0..1'],
    ['odds without end', nested(10_000), 'expected at most 8 levels of choices but received more'],
    [
      'options without end',
      `{"rxaug":2,"transforms":[{"op":"rotate","options":{"angle":${'['.repeat(400_000)}${']'.repeat(400_000)}}}]}`,
      'rotate: angle: expected',
    ],
    ['too many', { rxaug: 2, transforms: Array(300).fill({ op: 'invert' }) }, 'transforms: expected'],
    [
      'transforms of batches',
      pipelineToJson([horizontalFlip()], [{ transform: mixupTransform() }]),
      'expected transforms of samples but received some of batches too (mixup); apply them behind batch() by policyStages',
    ],
  ])('%s', (name, value, said) => {
    const file = written(`${name}.json`, value);
    const run = () => policy(file);
    expect(run).toThrow(UsageError);
    expect(run).toThrow(said);
    expect(run).toThrow(/^policy '[^\n]+$/);
  });

  it('what cannot be read: no file, a folder, one that is too large, a pipe', () => {
    expect(() => policy(path('gone.json'))).toThrow(
      /^policy '.*gone.json': cannot be read \(ENOENT.*\); check the path$/,
    );
    mkdirSync(path('folder.json'));
    expect(() => policy(path('folder.json'))).toThrow(/expected a file but it is none; check the path/);
    const large = written('large.json', '{}');
    truncateSync(large, 2 ** 20 + 1);
    expect(() => policy(large)).toThrow(/expected at most 1048576 bytes but received 1048577/);
    const pipe = path('pipe.json');
    if (spawnSync('mkfifo', [pipe]).status === 0)
      expect(() => policy(pipe)).toThrow(/expected a file but it is none/);
    expect(() => policy('bad\0name.json')).toThrow(/cannot be read/);
  });
});
