/** Plugins as a user meets them: made, named in a pipeline, loaded in workers, complained of. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workspace } from './command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A pipeline over made pictures that ends with the batches of some operators. */
const pipeline = (plugins: string, imports: string, operators: string, options = '') => `
import { arrays, batch, definePipeline, horizontalFlip, normalize, padCrop } from 'rxaug';
import { asBatchOperator } from 'rxaug/plugin';
${imports}
export default definePipeline({
  name: 'with-plugin',
  plugins: ${plugins},
  settings: { epochs: 1 },
  batches: ({ settings, seed, workers, plugins }) =>
    arrays({
      images: Uint8Array.from({ length: 40 * 192 }, (_, i) => (i * 7919) % 251),
      labels: Array.from({ length: 40 }, (_, i) => i % 2),
      width: 8, height: 8, classes: ['a', 'b'],
    }, { seed, epochs: settings.epochs }).pipe(${operators}, batch(8, { workers, ${options} })),
});
`;

const plugin = (body: string, more = '') => `
import { definePlugin, defineTransform, z } from 'rxaug/plugin';
export const fault = defineTransform({
  name: 'fault',
  options: z.strictObject({}),
  params: z.strictObject({}),
  draw: () => ({}),
  lower(_: object, plan) { ${body} },
});
export default definePlugin({ name: 'faulty', transforms: [fault] ${more} });
`;

describe('rxaug plugin create', () => {
  const space = new Workspace();
  afterAll(() => space.dispose());
  beforeAll(async () => {
    const { code, stdout, stderr } = await space.rxaug(['plugin', 'create', 'lens']);
    expect(stderr).toMatch(/plugins: \['\.\/rxaug-plugin-lens\/src\/index\.ts'\]/);
    expect([code, stdout]).toEqual([0, 'rxaug-plugin-lens\n']);
  });

  it('writes every file of the template, with the name in place of its marks', () => {
    const template = join(ROOT, 'templates/plugin');
    const files = (folder: string) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
        .sort();
    const made = join(space.path, 'rxaug-plugin-lens');
    const expected = files(template).map((name) => name.replace(/^_/, ''));
    expect(files(made)).toEqual(expected.sort());
    expect(expected.length).toBeGreaterThan(10);
    for (const name of expected) expect(readFileSync(join(made, name), 'utf8')).not.toMatch(/__[A-Z]+__/);
    const json = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'));
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(json).toMatchObject({ name: 'rxaug-plugin-lens', type: 'module' });
    expect(json.peerDependencies.rxaug).toBe(`^${version}`);
  });

  it('has an example that gives the same with workers and without', async () => {
    mkdirSync(join(space.path, 'rxaug-plugin-lens', 'node_modules'), { recursive: true });
    symlinkSync(ROOT, join(space.path, 'rxaug-plugin-lens', 'node_modules', 'rxaug'));
    const example = 'rxaug-plugin-lens/examples/pipeline.ts';
    const digests = new Set<string>();
    for (const workers of ['0', '2']) {
      const args = ['digest', example, '--batches', '4', '--workers', workers];
      const { code, stdout, stderr } = await space.rxaug(args);
      expect([code, stderr]).toEqual([0, '']);
      digests.add(stdout);
    }
    expect([...digests]).toEqual([expect.stringMatching(/^[0-9a-f]{64}\n$/)]);
    const seen = readFileSync(join(space.path, 'seen.jsonl'), 'utf8');
    expect(seen).toContain('"op":"vignette"');
  });

  it('refuses what is there already, and names that are none', async () => {
    for (const [args, said] of [
      [
        ['lens'],
        "rxaug: plugin create: 'rxaug-plugin-lens' is there already; choose another name or --dir\n",
      ],
      [['rxaug-plugin-lens'], "'rxaug-plugin-lens' is there already"],
      [['../lens'], "expected a name of lower-case letters, digits and '-' but received '../lens'"],
      [['Lens'], "but received 'Lens'"],
      [[], "missing required argument 'name'"],
    ] as const) {
      const { code, stderr } = await space.rxaug(['plugin', 'create', ...args]);
      expect(code).toBe(2);
      expect(stderr).toContain(said);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  it('a created plugin renders the same with workers and without, as a file and as a package', async () => {
    mkdirSync(join(space.path, 'node_modules'));
    symlinkSync('../rxaug-plugin-lens', join(space.path, 'node_modules', 'rxaug-plugin-lens'));
    const path = './rxaug-plugin-lens/src/index.ts';
    const operators = 'horizontalFlip(), padCrop(2), vignette(), normalize()';
    space.write('file.ts', pipeline(`['${path}']`, `import { vignette } from '${path}';`, operators));
    const name = 'rxaug-plugin-lens';
    space.write('deep/package.ts', pipeline(`['${name}']`, `import { vignette } from '${name}';`, operators));
    space.write(
      'bare.ts',
      pipeline(`['${name}']`, '', operators.replace('vignette()', 'plugins.lens.transforms[0]()')),
    );
    const digests = new Set<string>();
    for (const [file, workers] of [
      ['file.ts', 0],
      ['file.ts', 2],
      ['deep/package.ts', 2],
      ['bare.ts', 1],
    ] as const) {
      const { code, stdout, stderr } = await space.rxaug([
        ...['digest', file, '--batches', '5', '--workers', String(workers)],
      ]);
      expect([code, stderr]).toEqual([0, '']);
      digests.add(stdout);
    }
    expect(digests.size).toBe(1);
    const without = await space.rxaug(['explain', 'file.ts']);
    expect(without.stdout).toMatch(/vignette[\s\S]*vignette\.darken → normalize into float32[\s\S]*1 pass,/);
  });

  it('trains in pipelines/, in workers, unchanged, from its source to its sink', async () => {
    const { code } = await space.rxaug(['plugin', 'create', 'dots', '--dir', 'pipelines/rxaug-plugin-dots']);
    expect(code).toBe(0);
    space.write(
      'pipelines/dots.ts',
      `import { batch, definePipeline, horizontalFlip, mlp, normalize, policy, train } from 'rxaug';
import { vignette } from './rxaug-plugin-dots/src/index.ts';

export default definePipeline({
  name: 'dots',
  plugins: ['./rxaug-plugin-dots/src/index.ts'],
  settings: { policy: 'gentle-m3' },
  batches: ({ settings, seed, workers, plugins }) =>
    plugins.dots.sources.dots({ count: 32, side: 8, seed, shuffle: true, epochs: 2 }).pipe(
      horizontalFlip(), vignette(), policy(settings.policy, plugins), normalize(),
      batch(8, { workers }), plugins.dots.sinks.manifest('seen.jsonl'),
    ),
  run: (batches, { seed, backend }) => train(batches, { model: mlp({ hidden: [8] }), epochs: 2, seed, backend }),
});
`,
    );
    const digests = new Set<string>();
    for (const workers of ['0', '1', '2']) {
      const args = ['digest', 'pipelines/dots.ts', '--batches', '8', '--workers', workers];
      const { stdout, stderr } = await space.rxaug(args);
      expect(stderr).toBe('');
      digests.add(stdout);
    }
    expect([...digests]).toEqual([expect.stringMatching(/^[0-9a-f]{64}\n$/)]);
    const ran = await space.rxaug([
      ...['run', 'pipelines/dots.ts', '--workers', '2', '--backend', 'cpu', '--json'],
    ]);
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ pipeline: 'dots', steps: 8 });
    const seen = readFileSync(join(space.path, 'seen.jsonl'), 'utf8').trim().split('\n');
    expect(seen).toHaveLength(64);
    expect(JSON.parse(seen[0] as string)).toMatchObject({
      id: expect.stringMatching(/^dots\//),
      recipe: expect.arrayContaining([{ op: 'vignette', params: expect.any(Object) }]),
    });
    const wrong = await space.rxaug(['digest', 'pipelines/dots.ts', '--set', 'policy=gentle-m30']);
    expect(wrong.stderr).toMatch(
      /^rxaug: pipelines\/dots\.ts:10: plugin 'dots', policy 'gentle': gentle: m: expected a number in 0\.\.10 but received 30\n$/,
    );
    expect(wrong.code).toBe(2);
  });

  it('render and explain load it by --plugin, and explain by the pipeline that names it', async () => {
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
      .png()
      .toFile(join(space.path, 'white.png'));
    const recipe = '[{"op":"vignette","params":{"strength":1,"x":0.5,"y":0.5}}]';
    const path = './rxaug-plugin-lens/src/index.ts';
    const made = await space.rxaug([
      ...['render', 'white.png', 'out.png', '--recipe', recipe, '--plugin', path],
    ]);
    expect([made.code, made.stderr]).toEqual([0, '']);
    const pixels = await sharp(join(space.path, 'out.png')).raw().toBuffer();
    expect(pixels[0]).toBe(Math.round(255 * (1 - 2 * 2 * (0.5 - 0.5 / 8) ** 2)));
    expect(pixels[3 * (8 * 3 + 3)]).toBeGreaterThan(240);
    space.write('names.ts', pipeline(`['${path}']`, '', 'horizontalFlip()'));
    for (const [more, code] of [
      [['--plugin', path], 0],
      [['names.ts'], 0],
      [['names.ts', '--plugin', path], 0],
      [[], 2],
    ] as const) {
      const told = await space.rxaug(['explain', '--recipe', recipe, ...more]);
      expect(told.code).toBe(code);
      if (code === 0) expect(told.stdout).toContain('vignette.darken');
      else
        expect(told.stderr).toBe(
          "rxaug: unknown operator 'vignette'; look it up in docs/transforms.md, or name the plugin that brings it\n",
        );
    }
    const wrong = await space.rxaug(['explain', '--recipe', recipe, '--plugin', path.slice(2)]);
    expect(wrong.stderr).toMatch(/; a file is named with '\.\/' before it: \.\/rxaug-plugin-lens.*\n$/);
    expect(wrong.code).toBe(2);
  });

  it('passes its own test, and its sources, tests and example pass the checks of TypeScript', () => {
    for (const name of ['rxjs', 'vitest']) {
      symlinkSync(join(ROOT, 'node_modules', name), join(space.path, 'rxaug-plugin-lens/node_modules', name));
    }
    const cwd = join(space.path, 'rxaug-plugin-lens');
    const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json'];
    const ran = spawnSync(process.execPath, vitest, { cwd, encoding: 'utf8' });
    const told = JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{')));
    expect([ran.status, told.numFailedTests]).toEqual([0, 0]);
    expect(told.numPassedTests).toBeGreaterThan(10);
    const tsc = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit'], {
      cwd,
    });
    expect(`${tsc.stdout}`).toBe('');
    expect(tsc.status).toBe(0);
    // It would say what is wrong.
    const example = readFileSync(join(cwd, 'examples/pipeline.ts'), 'utf8');
    writeFileSync(join(cwd, 'examples/wrong.ts'), example.replace('.dots({', '.dots().map({'));
    const wrong = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit'], {
      cwd,
    });
    expect(`${wrong.stdout}`).toMatch(/examples\/wrong\.ts.*'map' does not exist/);
  });
});

describe('a plugin at fault', () => {
  const space = new Workspace();
  afterAll(() => space.dispose());

  it('that throws is reported with its sample', async () => {
    space.write('faulty.ts', plugin(`plan.row('r', () => { throw new TypeError('a slip'); })`));
    space.write(
      'p.ts',
      pipeline("['./faulty.ts']", "import { fault } from './faulty.ts';", 'horizontalFlip(), fault()'),
    );
    const { code, stderr } = await space.rxaug(['digest', 'p.ts', '--batches', '2', '--workers', '1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^rxaug: plugin 'faulty', transform 'fault': a slip; sample \S+\n$/);
  });

  it('that hangs is reported after three attempts', async () => {
    space.write('faulty.ts', plugin(`plan.row('r', () => { for (;;); })`));
    space.write(
      'p.ts',
      pipeline("['./faulty.ts']", "import { fault } from './faulty.ts';", 'fault()', 'hangSeconds: 0.4'),
    );
    const { code, stderr } = await space.rxaug(['digest', 'p.ts', '--batches', '2', '--workers', '1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^rxaug: plugin 'faulty', transform 'fault': it ended the worker 3 times \(no progress in 0\.4 s\); [^\n]*; sample \S+\n$/,
    );
  });

  it.each([
    ['not there', "['./nowhere.ts']", /plugin \.\/nowhere\.ts: it cannot be found .*check the path/],
    [
      'not installed',
      "['rxaug-plugin-none']",
      /plugin rxaug-plugin-none: it cannot be found .*npm install rxaug-plugin-none/,
    ],
    ['no plugin', "['./none.ts']", /plugin \.\/none\.ts: expected a plugin as default export but received 3/],
    ['named twice', "['./good.ts', './good.ts']", /plugin 'faulty' is named twice/],
    ['broken', "['./broken.ts']", /plugin \.\/broken\.ts: it cannot be loaded \(.*broken\.ts:1:/],
    [
      'of an import that is missing',
      "['./lacking.ts']",
      /plugin \.\/lacking\.ts: it cannot be loaded \(.*gone/,
    ],
  ])('%s: one sentence', async (_, plugins, said) => {
    space.write('good.ts', plugin(''));
    space.write('none.ts', 'export default 3;');
    space.write('broken.ts', 'export default {;');
    space.write('lacking.ts', "import './gone.js'; export default { name: 'lacking' };");
    space.write('p.ts', pipeline(plugins, '', 'horizontalFlip()'));
    const { code, stderr } = await space.rxaug(['digest', 'p.ts', '--batches', '2', '--workers', '0']);
    expect(stderr).toMatch(said);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });
});
