/**
 * The files of a new plugin, by their paths: a package with a transform, a policy, a source and a sink, tests that
 * hold the transform to the contract of `rxaug/testing`, and a page that says how to use it.
 */
import { DOTS, GENTLE, MANIFEST, PARTS_TEST, VIGNETTE, VIGNETTE_TEST } from './code.js';

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
    'src/gentle.ts': GENTLE,
    'src/dots.ts': DOTS,
    'src/manifest.ts': MANIFEST,
    'test/vignette.test.ts': VIGNETTE_TEST,
    'test/parts.test.ts': PARTS_TEST,
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
      peerDependencies: { rxaug, rxjs: '^7.8.0' },
      devDependencies: { rxaug, rxjs: '^7.8.0', typescript: '^5.9.0', vitest: '^4.0.0' },
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
import { dots } from './dots.ts';
import { gentle } from './gentle.ts';
import { manifest } from './manifest.ts';
import { vignette } from './vignette.ts';

export { dots, gentle, manifest, vignette };

export default definePlugin({
  name: '${name}',
  transforms: [vignette],
  policies: { gentle },
  sources: { dots },
  sinks: { manifest },
});
`;

const readme = ({ name }: Named) => `# rxaug-plugin-${name}

A plugin of rxaug, to begin one of your own from. It brings

- \`vignette\`, a transform: darkens towards the corners. Workers load the plugin by its URL and render it there;
- \`gentle\`, a policy: \`policy('gentle-m3', plugins)\`;
- \`dots\`, a source: pictures with few or many dots;
- \`manifest\`, a sink: a line of JSON for each sample that passes.

Name it in a pipeline, and use what it brings:

\`\`\`ts
import { batch, definePipeline, flip, policy } from 'rxaug';
import { vignette } from 'rxaug-plugin-${name}';

export default definePipeline({
  name: 'with-${name}',
  plugins: ['rxaug-plugin-${name}'],
  settings: { policy: 'gentle-m3' },
  batches: ({ settings, seed, workers, plugins }) =>
    plugins['${name}'].sources.dots({ count: 1000, seed, shuffle: true }).pipe(
      flip(),
      vignette(),
      policy(settings.policy, plugins),
      batch(64, { workers }),
      plugins['${name}'].sinks.manifest('seen.jsonl'),
    ),
});
\`\`\`

Sources and sinks may also be imported, as \`vignette\` is; those in \`plugins\` are checked, and named where they fail.
While the package is not installed, name the file: \`plugins: ['./rxaug-plugin-${name}/src/index.ts']\`, and import
from there. Without a pipeline: \`rxaug render IMAGE OUT.png --plugin ./rxaug-plugin-${name}/src/index.ts --recipe …\`.

\`npm install\`, then \`npm test\` holds the transform to the contract that those of rxaug keep: options are
checked, draws are JSON and replay to the same bytes, fused with its neighbours it is the same as alone.
`;
