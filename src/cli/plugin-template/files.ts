/**
 * The files of a new plugin, by their paths: a package with one transform, a test that holds it to the
 * contract of `rxaug/testing`, and a page that says how to use it.
 */

export interface Named {
  /** 'lens' for the package rxaug-plugin-lens. */
  readonly name: string;
  /** The range of rxaug versions that it is made for. */
  readonly rxaug: string;
}

export function pluginFiles(plugin: Named): Readonly<Record<string, string>> {
  return {
    'package.json': packageJson(plugin),
    'tsconfig.json': TSCONFIG,
    'README.md': readme(plugin),
    'src/index.ts': index(plugin),
    'src/vignette.ts': VIGNETTE,
    'test/vignette.test.ts': TEST,
  };
}

const packageJson = ({ name, rxaug }: Named) =>
  `${JSON.stringify(
    {
      name: `rxaug-plugin-${name}`,
      version: '0.1.0',
      description: `A plugin of rxaug: ${name}`,
      keywords: ['rxaug-plugin'],
      type: 'module',
      exports: './src/index.ts',
      files: ['src'],
      scripts: { test: 'vitest run', check: 'tsc --noEmit' },
      peerDependencies: { rxaug },
      devDependencies: { rxaug, typescript: '^5.9.0', vitest: '^4.0.0' },
    },
    null,
    2,
  )}\n`;

const TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      target: 'ES2022',
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
    },
    include: ['src', 'test'],
  },
  null,
  2,
)}\n`;

const index = ({ name }: Named) => `/** The plugin: what it brings to pipelines, and what workers render. */
import { definePlugin } from 'rxaug/plugin';
import { vignette } from './vignette.ts';

export { vignette };

export default definePlugin({ name: '${name}', transforms: [vignette] });
`;

const VIGNETTE = `/**
 * Darkens towards the corners, as a simple lens does: out = in · (1 − strength · r²), where r is the distance
 * from the middle, 1 in the corners.
 */
import { between, defineTransform, interval, plusMinus, z } from 'rxaug/plugin';

export const vignette = defineTransform({
  name: 'vignette',
  /** What a user may say; schedules such as linear(0, 1) are numbers too. */
  options: z.strictObject({
    /** [low, high] of how much darker the corners are. */
    strength: interval(0, 1).default([0.2, 0.6]),
    /** How far off the middle the brightest place may be, as a share of the image. */
    offset: z.number().min(0).max(0.5).default(0),
  }),
  /** What a draw holds: plain JSON from which the same pixels can be made again. */
  params: z.strictObject({ strength: z.number().min(0).max(1), x: z.number(), y: z.number() }),
  /** Options at a strength in [0, 1], for policies; 0 changes nothing. */
  magnitude: (strength) => ({ strength: [strength, strength] as [number, number] }),
  /** Randomness becomes parameters; the size of the image is not known yet. */
  draw: (draws, { strength, offset }) => ({
    strength: between(draws, strength),
    x: 0.5 + between(draws, plusMinus(offset)),
    y: 0.5 + between(draws, plusMinus(offset)),
  }),
  /** What the parameters do to pixels. */
  lower({ strength, x, y }, plan) {
    if (strength === 0) return;
    const { width, height } = plan;
    // row is [W, 3] uint8, changed in place.
    plan.row('darken', (row, j) => {
      const dy = (j + 0.5) / height - y;
      for (let i = 0; i < width; i++) {
        const dx = (i + 0.5) / width - x;
        const factor = Math.max(0, 1 - 2 * strength * (dx * dx + dy * dy));
        for (let c = 3 * i; c < 3 * i + 3; c++) row[c] = Math.round(factor * row[c]!);
      }
    });
  },
});
`;

const TEST = `/** What every transform must keep; see the checks by name when the test runs. */
import { transformContract } from 'rxaug/testing';
import { describe, test } from 'vitest';
import { vignette } from '../src/vignette.ts';

describe('vignette', () => {
  const cases = [{}, { strength: [0, 1], offset: 0.3 }];
  for (const { name, run } of transformContract({ factory: vignette, cases })) test(name, run);
});
`;

const readme = ({ name }: Named) => `# rxaug-plugin-${name}

A plugin of rxaug with one transform, \`vignette\`: it darkens towards the corners.

Name it in a pipeline, and use what it brings:

\`\`\`ts
import { batch, definePipeline, flip, shapes10 } from 'rxaug';
import { vignette } from 'rxaug-plugin-${name}';

export default definePipeline({
  name: 'with-${name}',
  plugins: ['rxaug-plugin-${name}'],
  settings: {},
  batches: ({ seed, workers }) =>
    shapes10({ count: 1000, seed, shuffle: true }).pipe(flip(), vignette(), batch(64, { workers })),
});
\`\`\`

While the package is not installed, name the file: \`plugins: ['./rxaug-plugin-${name}/src/index.ts']\`, and import
from there.

\`npm install\`, then \`npm test\` holds the transform to the contract that those of rxaug keep: options are
checked, draws are JSON and replay to the same bytes, fused with its neighbours it is the same as alone.
`;
