/** What was searched is what is applied is what is written is what is exported. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as augment from '../../../src/augment/index.js';
import { fold, keyOf } from '../../../src/core/index.js';
import { operatorOf, policyJson, policyText } from '../../../src/search/policy/operator.js';
import type { PolicySetting } from '../../../src/search/policy/policy.js';
import { opOf, spaceOf } from '../../golden/search/space.mjs';
import { differences, exactly, type Seen } from './exact.js';

const golden = new URL('../../golden/search/', import.meta.url);
const read = <T>(file: string) => JSON.parse(readFileSync(new URL(file, golden), 'utf8')) as T;

interface Case {
  readonly name: string;
  readonly to: readonly augment.ExportTarget[];
  readonly policy: PolicySetting;
}
const cases = read<Case[]>('policies.json');
const applied = read<{
  readonly draws: number;
  readonly cases: Readonly<
    Record<string, { readonly sha256: string; readonly ops: Readonly<Record<string, Seen>> }>
  >;
}>('applied.json');
const space = spaceOf(augment);

const DRAWS = 20_000;

function sampled({ transform }: augment.SampleOperator): Record<string, Seen> {
  const values = new Map<string, number[]>();
  const samples = new Map<string, number>();
  for (let i = 0; i < DRAWS; i++) {
    const drawn = transform.draw(fold(keyOf(17), i), 0).map((draw) => opOf(draw));
    for (const op of new Set(drawn.map(([op]) => op))) samples.set(op, (samples.get(op) ?? 0) + 1);
    for (const [op, magnitude] of drawn) {
      if (magnitude === undefined) continue;
      const list = values.get(op);
      if (list) list.push(magnitude);
      else values.set(op, [magnitude]);
    }
  }
  return Object.fromEntries(
    [...samples].map(([op, n]) => {
      const list = values.get(op) ?? [];
      if (list.length === 0) return [op, { samples: n }];
      const mean = list.reduce((a, b) => a + b, 0) / list.length;
      const ends = { low: Math.min(...list), high: Math.max(...list) };
      return [op, { samples: n, number: list.length, mean, ...ends }];
    }),
  );
}

/** Rounding to four digits; whole bits, whose mean weighs both ends like the others. */
const rounding = (op: string) => (op === 'posterize' ? 0.03 : 0.005);

/** Whole pixels of an image of 100, and a level of 255. */
const exporting = (op: string) =>
  ({ translateX: 0.01, translateY: 0.01, cutout: 0.01, solarize: 1, posterize: 0.03 })[op] ?? 0.005;

describe.each(cases)('$name', ({ name, to, policy }) => {
  const exact = exactly(policy);
  const file = (use: (path: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'rxaug-found-'));
    try {
      const path = join(folder, 'found.json');
      writeFileSync(path, policyText(space, policy));
      use(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('what is applied has the shares and magnitudes that were searched', () => {
    expect(exact.size).toBeGreaterThan(5);
    const seen = sampled(operatorOf(space, policy));
    expect(differences(exact, seen, DRAWS, rounding)).toEqual([]);
    // Other policies differ.
    const wrong = policy.subPolicies.map((sub) => ({
      ...sub,
      stages: sub.stages.map((stage) => stage.map((one) => ({ ...one, p: one.p / 2 }))),
    }));
    expect(differences(exactly({ subPolicies: wrong }), seen, DRAWS, rounding).length).toBeGreaterThan(3);
  });

  it('what is written draws the same', () => {
    file((path) => {
      const [found, written] = [operatorOf(space, policy), augment.policy(path)];
      for (let i = 0; i < 500; i++) {
        const key = fold(keyOf(3), i);
        expect(written.transform.draw(key, 0)).toEqual(found.transform.draw(key, 0));
      }
      expect(differences(exact, sampled(written), DRAWS, rounding)).toEqual([]);
      expect(augment.pipelineToJson([written])).toEqual(augment.pipelineToJson([found]));
    });
  });

  it.each(to)('what is exported to %s has them too', (target) => {
    const { code, skipped } = augment.exportPython(policyJson(space, policy), { to: target, source: name });
    expect(skipped).toEqual([]);
    const { sha256, ops } = applied.cases[`${name} ${target}`]!;
    const hash = createHash('sha256')
      .update(code.replace(/^#.*\n/gm, ''))
      .digest('hex');
    expect(sha256, 'applied.json is of other code; run generate.mjs').toBe(hash);
    expect(differences(exact, ops, applied.draws, exporting)).toEqual([]);
  });
});

it('an op that albumentations lacks is refused by name', () => {
  const { policy } = cases.find(({ name }) => name === 'rest')!;
  const to = { to: 'albumentations', source: 'found' } as const;
  expect(() => augment.exportPython(policyJson(space, policy), to)).toThrow(
    /^export: shear: albumentations draws angles where this draws slopes; use affine/,
  );
  const { skipped } = augment.exportPython(policyJson(space, policy), { ...to, skipUnknown: true });
  expect(skipped.map((sentence) => sentence.split(':')[0]).sort()).toEqual(
    ['shear', 'gamma', 'equalize', 'shear', 'sharpness', 'randomErasing'].sort(),
  );
});
