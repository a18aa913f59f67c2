/** `rxaug init`: the project that it writes type-checks, trains, predicts; nothing that is there is overwritten. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { image } from '../io/make.js';
import { Workspace } from './command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What `npm install` would bring, from this repository. */
function link(folder: string): void {
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  symlinkSync(ROOT, join(folder, 'node_modules/rxaug'));
  for (const name of ['rxjs', '@types/node', 'undici-types'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
}

const typeCheck = (cwd: string) =>
  spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit'], {
    cwd,
    encoding: 'utf8',
  });

describe('rxaug init', () => {
  const space = new Workspace();
  const at = (...path: string[]) => join(space.path, ...path);
  const project = at('My Shapes');
  const out = at('run');
  const pictures = () =>
    (readdirSync(join(project, 'images/test'), { recursive: true }) as string[])
      .filter((file) => file.endsWith('.png'))
      .sort()
      .map((file) => join(project, 'images/test', file));
  afterAll(() => space.dispose());

  beforeAll(async () => {
    const { code, stdout, stderr } = await space.rxaug(['init', 'My Shapes']);
    expect([code, stdout]).toEqual([0, 'My Shapes\n']);
    expect(stderr).toBe("next: cd 'My Shapes', npm install --ignore-scripts, npx rxaug run train.ts\n");
    link(at('My Shapes'));
  });

  it('writes every file of the template, and pictures to train and test on', () => {
    const names = readdirSync(at('My Shapes')).sort();
    expect(names).toEqual([
      '.gitignore',
      'README.md',
      'images',
      'node_modules',
      'package.json',
      'train.ts',
      'tsconfig.json',
    ]);
    const { name, type, dependencies } = JSON.parse(readFileSync(at('My Shapes/package.json'), 'utf8'));
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect({ name, type, rxaug: dependencies.rxaug }).toEqual({
      name: 'my-shapes',
      type: 'module',
      rxaug: `^${version}`,
    });
    for (const file of names.filter((file) => file.includes('.')))
      expect(readFileSync(at('My Shapes', file), 'utf8')).not.toMatch(/__[A-Z]+__/);
    expect(readdirSync(at('My Shapes/images/train'))).toHaveLength(10);
    const test = readdirSync(at('My Shapes/images/test'), { recursive: true }) as string[];
    expect(test.filter((file) => file.endsWith('.png'))).toHaveLength(200);
  });

  it('type-checks, with strict, and an error in it is found', () => {
    const { stdout, status } = typeCheck(at('My Shapes'));
    expect([stdout, status]).toEqual(['', 0]);
    space.write('My Shapes/wrong.ts', "import { batch } from 'rxaug';\nbatch('32');\n");
    expect(typeCheck(at('My Shapes')).stdout).toMatch(/wrong\.ts/);
  });

  it('trains, and reports the classes that it recognizes least', async () => {
    const set = ['epochs=1', 'batch=200', 'size=16'].flatMap((one) => ['--set', one]);
    const ran = await space.rxaug([
      'run',
      join(project, 'train.ts'),
      ...set,
      '--set',
      `train=${project}/images/train`,
      '--set',
      `test=${project}/images/test`,
      '--out',
      out,
      '--json',
      '--backend',
      'wasm',
    ]);
    expect([ran.stderr.match(/least recognized/)?.[0], ran.code]).toEqual(['least recognized', 0]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ steps: 3, testTop5: expect.any(Number) });
  });

  it('is compared class by class, with the confusion matrix', async () => {
    const compared = await space.rxaug(['compare', out, '--confusion', '--out', 'c.svg']);
    expect(compared.code).toBe(0);
    expect(compared.stdout).toContain('top-5');
    expect(compared.stdout).toContain('test accuracy by class');
    expect(compared.stdout).toContain('taken for →');
    const json = JSON.parse((await space.rxaug(['compare', out, '--json', '--out', 'c.svg'])).stdout);
    const { byClass } = json.runs[0];
    expect(byClass.samples.reduce((a: number, b: number) => a + b)).toBe(200);
    expect(byClass.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(200);
  });

  it('predicts images, names what it cannot read, and exits with 1', async () => {
    const files = pictures().slice(0, 2);
    space.write('broken.png', 'text');
    await image(50, 40).jpeg().toFile(at('photo.jpg'));
    const said = await space.rxaug([
      'predict',
      join(out, 'last.ckpt'),
      ...files,
      'broken.png',
      'photo.jpg',
      '--top',
      '3',
      '--json',
      '--backend',
      'wasm',
    ]);
    expect(said.code).toBe(1);
    expect(said.stderr).toContain('broken.png: expected a JPEG, PNG');
    const { predictions, failed } = JSON.parse(said.stdout);
    expect(predictions.map((one: { image: string }) => one.image)).toEqual([...files, 'photo.jpg']);
    for (const { top } of predictions) {
      expect(top).toHaveLength(3);
      expect(readdirSync(join(project, 'images/train'))).toContain(top[0].class);
      expect(top[0].probability).toBeGreaterThanOrEqual(top[1].probability);
    }
    expect(failed).toEqual([{ image: 'broken.png', reason: expect.stringContaining('expected a JPEG') }]);
  });

  it('predicts by a pipeline that is given, what is random in it named and left out', async () => {
    const [file = ''] = pictures();
    const args = ['predict', join(out, 'last.ckpt'), file, '--top', '1', '--backend', 'wasm'];
    const stored = await space.rxaug(args);
    const script = [
      '--pipeline',
      join(project, 'train.ts'),
      '--set',
      `train=${project}/images/train`,
      '--set',
      'size=16',
    ];
    const given = await space.rxaug([...args, ...script]);
    expect(given.stderr).toContain(
      'left out of the pipeline: horizontalFlip (it is random), padCrop (it is random), cutout',
    );
    expect(given.stdout).toBe(stored.stdout);
    const { stdout } = await space.rxaug([...args, ...script, '--json']);
    expect(JSON.parse(stdout).leftOut).toEqual(
      ['horizontalFlip', 'padCrop', 'cutout'].map((name) => `${name} (it is random)`),
    );
    const missing = await space.rxaug(['predict', 'nowhere.ckpt', 'photo.jpg']);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('checkpoint nowhere.ckpt: cannot be read'),
    });
  });

  it('predicts by a checkpoint whose training measured nothing, as it does where --images has no test/', async () => {
    for (const name of ['plus', 'minus']) {
      mkdirSync(at('plain', name), { recursive: true });
      for (const i of [1, 2])
        await image(20, 18 + i)
          .negate(name === 'minus')
          .png()
          .toFile(at('plain', name, `${i}.png`));
    }
    expect((await space.rxaug(['init', 'unmeasured', '--images', 'plain'])).code).toBe(0);
    link(at('unmeasured'));
    const set = ['epochs=1', 'size=16', `train=${at('plain')}`].flatMap((one) => ['--set', one]);
    const script = at('unmeasured/train.ts');
    const ran = await space.rxaug(['run', script, ...set, '--out', 'unmeasured/run', '--backend', 'wasm']);
    expect(ran.code).toBe(0);
    const files = [at('plain/plus/1.png'), at('plain/minus/1.png')];
    const said = await space.rxaug(['predict', 'unmeasured/run/last.ckpt', ...files, '--backend', 'wasm']);
    expect([said.code, said.stdout.match(/(plus|minus) \d+\.\d %, (plus|minus) \d/g)?.length]).toEqual([
      0, 2,
    ]);
  });

  it('overwrites nothing, and takes images and a tarball that are there', async () => {
    const again = await space.rxaug(['init', 'My Shapes']);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("'My Shapes/train.ts'");
    expect(again.stderr).toContain('are there already; choose another folder, or move them away');

    mkdirSync(at("it's/cat"), { recursive: true });
    await image(20, 20).jpeg().toFile(at("it's/cat/1.jpg"));
    space.write('rxaug-0.1.0.tgz', 'a tarball');
    const own = await space.rxaug(['init', 'own', '--images', "it's", '--from', 'rxaug-0.1.0.tgz']);
    expect(own.code).toBe(0);
    expect(own.stderr).toContain('has no train/ and test/, so nothing is measured');
    expect(readFileSync(at('own/train.ts'), 'utf8')).toContain("train: '../it\\'s',\n    test: '',");
    expect(readFileSync(at('own/package.json'), 'utf8')).toContain('"rxaug": "file:../rxaug-0.1.0.tgz"');
    expect(existsSync(at('own/images'))).toBe(false);
    link(at('own'));
    expect(typeCheck(at('own')).stdout).toBe('');

    // A project that is there keeps its files, once its package.json is that of an ES module.
    space.write('mine/package.json', '{"dependencies": {"rxaug": "file:../rxaug-0.1.0.tgz"}}');
    const common = await space.rxaug(['init', 'mine', '--images', "it's"]);
    expect([common.code, common.stderr]).toEqual([2, expect.stringContaining('run npm pkg set type=module')]);
    const text = '{"type": "module", "dependencies": {"rxaug": "file:../rxaug-0.1.0.tgz"}}';
    space.write('mine/package.json', text);
    const kept = await space.rxaug(['init', 'mine', '--images', "it's"]);
    expect(kept.code).toBe(0);
    expect(kept.stderr).toContain('rxaug: kept as it is: package.json\n');
    expect(kept.stderr).toContain('next: cd mine, npx rxaug run train.ts\n');
    expect(readFileSync(at('mine/package.json'), 'utf8')).toBe(text);
    expect(existsSync(at('mine/train.ts'))).toBe(true);
    space.write('another/package.json', text);
    space.write('new one.tgz', 'a tarball');
    const replaced = await space.rxaug(['init', 'another', '--images', "it's", '--from', 'new one.tgz']);
    expect(replaced.stderr).toContain("npm install --ignore-scripts '../new one.tgz' rxjs, npx rxaug run");
    space.write('other/package.json', '{"type": "module"}');
    const bare = await space.rxaug(['init', 'other', '--images', "it's", '--from', 'rxaug-0.1.0.tgz']);
    expect(bare.stderr).toContain('npm install --ignore-scripts ../rxaug-0.1.0.tgz rxjs, npx rxaug run');

    // Without --from, a new project installs rxaug as the one that the command is run in does.
    space.write('package.json', '{"devDependencies": {"rxaug": "file:rxaug-0.1.0.tgz"}}');
    expect((await space.rxaug(['init', 'inside', '--images', "it's"])).code).toBe(0);
    expect(readFileSync(at('inside/package.json'), 'utf8')).toContain('"rxaug": "file:../rxaug-0.1.0.tgz"');
    space.write('package.json', '{}');

    for (const [args, sentence] of [
      [['--images', 'nowhere'], "--images: there is no folder 'nowhere'"],
      [['--images', "it's/cat"], 'has no class folder'],
      [['--from', 'none.tgz'], "--from: there is no file 'none.tgz'"],
    ] as const) {
      const { code, stderr } = await space.rxaug(['init', 'wrong', ...args]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)]);
    }
    expect(existsSync(at('wrong'))).toBe(false);
  });
});
