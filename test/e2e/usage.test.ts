import { afterAll, describe, expect, it } from 'vitest';
import { MADE, Workspace } from './command.js';

const at = new Workspace({
  'made.ts': MADE,
  'syntax.ts': 'type A = 3;\nexport default {\n  a: 1,,\n};\n',
  'syntax.mjs': 'const x = ;\n',
  'nested.ts': "import './syntax.ts';\nexport default 1;\n",
  'silent.ts': "import 'rxaug';\n",
  'three.ts': 'export default 3;\n',
  'typo.ts': "import {\n  type Batch,\n  flipp,\n} from 'rxaug';\nexport default flipp;\n",
  'package.ts': "import x from 'no-such-package';\nexport default x;\n",
  'module.ts': "import x from './lib/none.js';\nexport default x;\n",
  'option.ts':
    "import { horizontalFlip } from 'rxaug';\ninterface A {\n  b: number;\n}\nexport default horizontalFlip({ probability: 1 } as never);\n",
  'late.ts': MADE.replace('horizontalFlip(),', '\n horizontalFlip({ q: 1 } as never),'),
  'throws.ts': 'type A = { b: number };\nconst a: unknown = undefined;\nexport default (a as A).b;\n',
  'run.ts': MADE.replace("name: 'made',", "name: 'made',\n  run: () => { throw new Error('no luck'); },"),
  'nothing.ts': "export default { name: 'a', settings: {}, batches() {} };\n",
  'samples.ts': MADE.replace('batch(8, { workers }), mixup(settings.mixup),', ''),
  'lib/x.txt': '',
});
afterAll(() => at.dispose());

/** stdout stays empty, stderr is one line. */
async function refusal(...args: string[]) {
  const { code, stdout, stderr } = await at.rxaug(args);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^rxaug: [^\n]+\n$/);
  return { code, said: stderr.slice('rxaug: '.length, -1) };
}

describe('usage errors exit with 2 and one sentence', () => {
  it.each([
    [['digets', 'made.ts'], "unknown command 'digets'; did you mean digest?"],
    [['digest', 'made.ts', '--sead', '3'], "unknown option '--sead'; did you mean --seed?"],
    [['digest'], "missing required argument 'pipeline'"],
    [['digest', 'made.ts', '--batches', 'x'], "--batches: expected a whole number ≥ 1 but received 'x'"],
    [['digest', 'made.ts', '--workers', '-1'], "--workers: expected a whole number ≥ 0 but received '-1'"],
    [['digest', 'made.ts', '--set', 'epoch=3'], "--set: unknown setting 'epoch'; did you mean 'epochs'?"],
    [['run', 'made.ts', '--set', 'epochs=many'], "--set epochs: expected a number but received 'many'"],
    [['run', 'made.ts', '--set', 'epochs=0'], 'made.ts:16: arrays: epochs: expected'],
    [['run', 'made.ts', '--backend', 'gpu'], "option '--backend <name>' argument 'gpu' is invalid."],
    [
      ['preview', 'made.ts', '--out', 'sheet.jpg'],
      "preview: expected a path that ends in .png but received 'sheet.jpg'",
    ],
    [['run', 'none.ts'], "no pipeline at 'none.ts'; give the path of a .ts or .js file"],
    [['run', 'lib'], "'lib' is not a file; give the path of a .ts or .js file"],
    [['run', 'silent.ts'], 'silent.ts: it has no default export; write export default definePipeline('],
    [
      ['run', 'three.ts'],
      'three.ts: expected a pipeline but received 3; write export default definePipeline(',
    ],
    [['run', 'typo.ts'], "typo.ts:3: 'rxaug' has no export 'flipp'; did you mean 'horizontalFlip'?"],
    [['run', 'option.ts'], "option.ts:5: horizontalFlip: unknown option 'probability'"],
    [
      ['run', 'nothing.ts'],
      'nothing.ts: batches: expected a stream of batches but received undefined; return it',
    ],
    [
      ['digest', 'samples.ts'],
      'samples.ts: batches: expected batches but received single samples; end the stream with batch(size)',
    ],
    [['digest', 'late.ts'], "late.ts:18: horizontalFlip: unknown option 'q'"],
  ])('%j', async (args, sentence) => {
    const { code, said } = await refusal(...args);
    expect(said).toContain(sentence);
    expect(code).toBe(2);
  });
});

describe('what is wrong inside a pipeline exits with 1 and says where', () => {
  it.each([
    ['syntax.ts', /^syntax\.ts:3:8: Expected/],
    ['nested.ts', /^syntax\.ts:3:8: Expected/],
    ['syntax.mjs', /^syntax\.mjs:1:11: Unexpected/],
    ['package.ts', /^package\.ts: cannot find package 'no-such-package'; check the import, or install it$/],
    ['module.ts', /^module\.ts: cannot find module 'lib\/none\.js'; check the import/],
    ['throws.ts', /^throws\.ts:3: TypeError: Cannot read properties of undefined \(reading 'b'\)$/],
    ['run.ts', /^run\.ts:14: Error: no luck$/],
  ])('%s', async (file, sentence) => {
    const { code, said } = await refusal('run', file);
    expect(said).toMatch(sentence);
    expect(code).toBe(1);
  });

  it('prints the stack when asked', async () => {
    const { stderr } = await at.rxaug(['run', 'throws.ts', '--debug']);
    expect(stderr).toContain('throws.ts:3: TypeError');
    expect(stderr).toMatch(/\n {4}at /);
    expect((await at.rxaug(['run', 'throws.ts'], { env: { RXAUG_DEBUG: '1' } })).stderr).toMatch(/\n {4}at /);
  });
});

describe('help', () => {
  it('goes to stdout and exits with 0', async () => {
    for (const args of [['--help'], ['help', 'digest'], ['digest', '--help'], ['--version']]) {
      const { code, stdout, stderr } = await at.rxaug(args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.length).toBeGreaterThan(4);
    }
  });

  it('is shown where no command is given, which exits with 2', async () => {
    const { code, stdout, stderr } = await at.rxaug([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: rxaug');
  });
});
