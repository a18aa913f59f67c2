/** Exported Python: its text, what it does to pictures against what we do to them, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ALBUMENTATIONS } from '../../src/augment/export/albumentations.js';
import type { Table } from '../../src/augment/export/scribe.js';
import { TORCHVISION } from '../../src/augment/export/torchvision.js';
import {
  asPipeline,
  completed,
  type ExportTarget,
  exportPython,
  pipelineFromJson,
  pipelineToJson,
  policy,
  type SampleOperator,
} from '../../src/augment/index.js';
import { short } from '../golden/export/short.mjs';
import { difference, sampled } from './export-probes.js';

const golden = new URL('../golden/export/', import.meta.url);
const text = (file: string) => readFileSync(new URL(file, golden), 'utf8');

interface Case {
  readonly name: string;
  readonly to: readonly ExportTarget[];
  readonly policy?: string;
  readonly pipeline?: object;
  /** Its text is kept too. */
  readonly golden?: boolean;
  /** Pipelines that it is not: what comes of a convention that was got wrong. */
  readonly wrong?: readonly (object | string)[];
  /** Levels and pixels that the peer is known to be off; docs/export.md says why. */
  readonly deviation?: number | ByTarget;
  readonly pixels?: number | ByTarget;
}
type ByTarget = Readonly<Partial<Record<ExportTarget, number>>>;
type Features = Readonly<Record<string, number | readonly number[]>>;

const cases = JSON.parse(text('cases.json')) as Case[];
const statistics = JSON.parse(text('statistics.json')) as {
  readonly draws: number;
  readonly cases: Readonly<Record<string, { readonly sha256: string; readonly features: Features }>>;
};

const operatorsOf = (given: object | string): readonly SampleOperator[] =>
  typeof given === 'string' ? [policy(given)] : pipelineFromJson(given).transforms;
const given = (one: Case): object | string => one.policy ?? (one.pipeline as object);
const exported = (one: Case, to: ExportTarget, source = one.name) => {
  const json = one.policy === undefined ? completed(one.pipeline) : pipelineToJson(operatorsOf(one.policy));
  return exportPython(json, { to, source }).code;
};
const slack = ({ deviation = 1, pixels = 0.3 }: Case, to: ExportTarget) => {
  const of = (given: number | ByTarget, usual: number) =>
    typeof given === 'number' ? given : (given[to] ?? usual);
  return { levels: of(deviation, 1), pixels: of(pixels, 0.3) };
};
/** Of the code alone: comments may be improved. */
const hash = (code: string) =>
  createHash('sha256')
    .update(code.replace(/^#.*\n/gm, ''))
    .digest('hex');

describe('text', () => {
  for (const one of cases.filter(({ golden }) => golden)) {
    it.each(one.to)(`${one.name} for %s`, (to) => {
      expect(short(exported(one, to))).toBe(text(`${one.name}.${to}.py`));
    });
  }
});

/** Draws of ours; RXAUG_DRAWS=2000 for as many as theirs, in some minutes. The bounds follow the number. */
const OURS = Number(process.env.RXAUG_DRAWS ?? 600);

describe('what it does', () => {
  for (const one of cases) {
    it(one.name, () => {
      const ours = sampled(operatorsOf(given(one)), OURS);
      const others = (one.wrong ?? []).map((other) => sampled(operatorsOf(other), OURS));
      for (const to of one.to) {
        const { sha256, features } = statistics.cases[`${one.name} ${to}`]!;
        expect(sha256, 'the statistics are of other code; run generate.mjs').toBe(hash(exported(one, to)));
        const { worst, feature } = difference(ours, features, statistics.draws, slack(one, to));
        expect(worst, `${to}: ${feature}`).toBeLessThan(1);
        for (const [i, other] of others.entries()) {
          const wrong = difference(other, features, statistics.draws, slack(one, to));
          expect(wrong.worst, `${to}: wrong[${i}] passed`).toBeGreaterThan(1);
        }
      }
    });
  }

  it('every transform that a table has is among the cases', () => {
    const told = JSON.stringify(
      cases.map((one) => (one.policy ? pipelineToJson(operatorsOf(one.policy)) : one)),
    );
    const silent = (table: Table) => Object.keys(table).filter((op) => !told.includes(`"op":"${op}"`));
    expect(silent(TORCHVISION.table)).toEqual([]);
    const refused = Object.keys(ALBUMENTATIONS.table).filter((op) => {
      const { skipped } = exportPython(completed(asPipeline({ op, options: NEEDED[op] ?? {} })), {
        ...{ to: 'albumentations', source: '', skipUnknown: true },
      });
      return skipped.length > 0;
    });
    expect(silent(ALBUMENTATIONS.table).filter((op) => !refused.includes(op))).toEqual([]);
  });
});

/** Options without which a transform is none. */
const NEEDED: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    ['centerCrop', 'randomCrop', 'randomResizedCrop', 'resize', 'smallestMaxSize', 'longestMaxSize'].map(
      (op) => [op, { size: 8 }],
    ),
  ),
  padTo: { size: 8 },
  oneOf: { of: [{ op: 'horizontalFlip' }] },
  weightedOneOf: { weights: [1], of: [{ op: 'horizontalFlip' }] },
  someOf: { n: 1, of: [{ op: 'horizontalFlip' }] },
  randomApply: { p: 0.5, of: [{ op: 'horizontalFlip' }] },
};

const PYTHON =
  process.env.RXAUG_PEERS_PYTHON ?? fileURLToPath(new URL('../../bench/.venv/bin/python', import.meta.url));
const why = existsSync(PYTHON) ? '' : ` (skipped: no ${PYTHON}; npm run bench makes it)`;

describe.skipIf(why !== '')(`run by the peers themselves${why}`, () => {
  const run = (args: readonly string[], input: string): string => {
    const { status, stdout, stderr } = spawnSync(PYTHON, ['-W', 'ignore', ...args], {
      input,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    });
    expect(status, stderr).toBe(0);
    return stdout;
  };
  const DRAWS = 100;
  const measure = (codes: Readonly<Record<string, string>>) =>
    (
      JSON.parse(
        run([fileURLToPath(new URL('measure.py', golden)), String(DRAWS)], JSON.stringify(codes)),
      ) as { cases: Record<string, Features> }
    ).cases;

  it('does what ours does, and a parameter that is flipped in its text shows', { timeout: 600_000 }, () => {
    const kept = cases.filter(({ golden }) => golden);
    const codes = Object.fromEntries(
      kept.flatMap((one) => one.to.map((to) => [`${one.name} ${to}`, exported(one, to)])),
    );
    const flipped = codes['choices torchvision']!.replace('[-25, -5]', '[5, 25]').replace(
      '[0.5, 0.9]',
      '[1.1, 1.5]',
    );
    const measured = measure({ ...codes, flipped });
    for (const one of kept) {
      const ours = sampled(operatorsOf(given(one)), 500);
      for (const to of one.to) {
        const { worst, feature } = difference(ours, measured[`${one.name} ${to}`]!, DRAWS, slack(one, to));
        expect(worst, `${one.name} ${to}: ${feature}`).toBeLessThan(1);
      }
      if (one.name === 'choices')
        expect(difference(ours, measured.flipped!, DRAWS, slack(one, 'torchvision')).worst).toBeGreaterThan(
          1,
        );
    }
  });

  it('mixes batches', () => {
    const json = completed({
      rxaug: 1,
      transforms: [],
      batch: [{ op: 'mixup' }, { op: 'cutmix', options: { p: 0.5 } }],
    });
    const { code } = exportPython(json, { to: 'torchvision', source: 'batch', classes: 4 });
    const check = `
images = torch.randint(256, (8, 3, 16, 16), dtype=torch.uint8)
for _ in range(20):
    mixed, labels = batch_transform(images, torch.arange(8) % 4)
    assert mixed.shape == images.shape and mixed.dtype == torch.float32 and mixed.max() <= 1
    assert labels.shape == (8, 4) and torch.allclose(labels.sum(1), torch.ones(8))
`;
    run(['-'], code + check);
  });
});
