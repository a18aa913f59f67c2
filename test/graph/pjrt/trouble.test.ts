/** Files that are no plugin, and where plugins are looked for. Runs without any plugin. */
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/index.js';
import { checkVersion } from '../../../src/graph/pjrt/api.js';
import { checkLibrary } from '../../../src/graph/pjrt/elf.js';
import { findPjrtPlugin, findPjrtPlugins, openPjrt, PjrtSession } from '../../../src/graph/pjrt/index.js';
import { nvidiaLibraries } from '../../../src/graph/pjrt/nvidia-libraries.js';
import { compileOptions } from '../../../src/graph/pjrt/options.js';
import { argumentsOf, checkInputs } from '../../../src/graph/pjrt/signature.js';
import { step } from './programs.js';

const at = mkdtempSync(join(tmpdir(), 'rxaug-pjrt-'));
afterAll(() => rmSync(at, { recursive: true }));

const require = createRequire(import.meta.url);
/** A shared library of this processor that is no plugin; undefined where the package has none. */
const library = ((): string | undefined => {
  const root = join(dirname(require.resolve('@julusian/jpeg-turbo/package.json')), 'prebuilds');
  const folder = join(root, `jpeg-turbo-linux-${process.arch}`);
  const name = readdirSync(root).includes(`jpeg-turbo-linux-${process.arch}`)
    ? readdirSync(folder).find((file) => file.startsWith('libturbojpeg'))
    : undefined;
  return process.platform === 'linux' && name ? join(folder, name) : undefined;
})();

describe('a file that is no plugin is refused in a sentence that names it', () => {
  const refused = (plugin: string) => expect(openPjrt({ plugin })).rejects;

  it('absent, a folder, or text', async () => {
    const absent = join(at, 'absent.so');
    await refused(absent).toThrow(`PJRT plugin ${absent}: is not there; run rxaug setup --xla cpu`);
    await refused(at).toThrow(`PJRT plugin ${at}: it is a folder`);
    const text = join(at, 'text.so');
    writeFileSync(text, 'not a library, whatever its name says\n'.repeat(10));
    await refused(text).toThrow(/text\.so: (it is no shared library|it does not load)/);
    writeFileSync(text, '');
    await refused(text).toThrow(/text\.so: (it is no shared library|it does not load)/);
  });

  it.runIf(library)('a library without GetPjrtApi', async () => {
    await refused(library as string).toThrow(
      `PJRT plugin ${library}: it has no function GetPjrtApi; run rxaug setup --xla cpu, or give the file of a PJRT plugin`,
    );
  });

  it.runIf(library)('a library that is cut short, which would end the process', async () => {
    const short = join(at, 'short.so');
    copyFileSync(library as string, short);
    const { length } = readFileSync(short);
    truncateSync(short, Math.floor(length / 2));
    await refused(short).toThrow(
      `short.so: it is cut short (${Math.floor(length / 2)} bytes of ${length}); run rxaug setup --xla cpu`,
    );
  });

  it('a library of another processor', () => {
    const other = join(at, 'other.so');
    const head = Buffer.alloc(64);
    head.write('\x7fELF\x02\x01', 'latin1');
    head.writeUInt16LE(183, 18);
    writeFileSync(other, head);
    expect(() => checkLibrary(other, 'linux', 'x64')).toThrow(
      `PJRT plugin ${other}: it is for arm64, and this is x64; run rxaug setup --xla cpu, or give another file`,
    );
    checkLibrary(other, 'linux', 'arm64');
    checkLibrary(other, 'darwin', 'x64');
  });

  it('a table of another version, or too short a one', () => {
    checkVersion('here', 0, 90, 2000);
    checkVersion('here', 0, 200, 2000);
    for (const [major, minor, size] of [
      [1, 90, 2000],
      [0, 89, 2000],
      [0, 90, 700],
    ])
      expect(() => checkVersion('here', major, minor, size)).toThrow(
        `here: its C API has version ${major}.${minor} and rxaug needs 0.90 or a later 0.x`,
      );
  });
});

describe('options', () => {
  it.each([
    [{ stepsInFlight: 0 }, 'openPjrt: stepsInFlight: expected a whole number ≥ 1 but received 0'],
    [
      { stepsInflight: 4 },
      "openPjrt: unknown option 'stepsInflight'; did you mean 'stepsInFlight'? known are plugin, options, stepsInFlight",
    ],
    [{ options: ['preallocate'] }, 'openPjrt: options: expected values by name but received '],
    [{ plugin: 7 }, 'openPjrt: plugin: expected '],
  ])('of openPjrt: %j is refused', async (options, message) => {
    const opened = openPjrt({ plugin: at, ...options } as object);
    await expect(opened).rejects.toThrow(UsageError);
    await expect(opened).rejects.toThrow(message);
  });

  it.each([
    [{ precision: 'bfloat16' }, "loadProgram: unknown option 'precision'; "],
    [{ flags: 'xla_flag' }, "loadProgram: flags: expected values by name but received 'xla_flag'"],
    [{ inputs: undefined }, 'loadProgram: inputs: expected a list of ports but received nothing'],
    [{ text: undefined }, 'loadProgram: text: expected '],
  ])('of loadProgram: %j is refused', async (options, message) => {
    const session = new PjrtSession({} as never, 1, []);
    const loaded = session.loadProgram({ ...step, ...options } as typeof step);
    await expect(loaded).rejects.toThrow(UsageError);
    await expect(loaded).rejects.toThrow(message);
  });
});

describe('findPjrtPlugins', () => {
  const cache = join(at, 'cache');
  const keep = (kind: string, version: string, file = 'plugin.so') => {
    const folder = join(cache, 'xla', `${kind}-${version}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'plugin.so'), '');
    writeFileSync(join(folder, 'origin.json'), JSON.stringify({ kind, version, plugin: file }));
    return { file: join(folder, 'plugin.so'), kind, version };
  };

  it('takes the file of the environment first, then accelerators, the processor last, newer ones first', () => {
    const env = { RXAUG_CACHE: cache };
    const [cpu, old, rocm, cuda] = [
      keep('cpu', '0.11.2'),
      keep('cuda13', '0.9.1'),
      keep('rocm7', '0.12.0'),
      keep('cuda13', '0.12.0.1'),
    ];
    keep('cuda12', '1.0', 'gone.so');
    keep('tpu', '1.0');
    mkdirSync(join(cache, 'xla', 'cpu-9.part-1'));
    expect(findPjrtPlugins(env)).toEqual([cuda, old, rocm, cpu]);
    const given = join(at, 'mine.so');
    expect(findPjrtPlugins({ ...env, RXAUG_PJRT_PLUGIN: given })[0]).toEqual({ file: given, kind: 'given' });
    expect(findPjrtPlugin(env)).toEqual(cuda);
  });

  it("finds NVIDIA's libraries next to a plugin, in an order in which they load", () => {
    const root = join(at, 'entry');
    for (const file of ['cu13/lib/libcublas.so.13', 'cu13/lib/libcudart.so.13', 'cudnn/lib/libcudnn.so.9']) {
      mkdirSync(dirname(join(root, 'nvidia', file)), { recursive: true });
      writeFileSync(join(root, 'nvidia', file), '');
    }
    writeFileSync(join(root, 'nvidia/cudnn/lib/libcudnn_ops.so.9'), '');
    expect(nvidiaLibraries(join(root, 'jax_plugins/xla_cuda13/xla_cuda_plugin.so'))).toEqual(
      ['cu13/lib/libcudart.so.13', 'cu13/lib/libcublas.so.13', 'cudnn/lib/libcudnn.so.9'].map((file) =>
        join(root, 'nvidia', file),
      ),
    );
    expect(nvidiaLibraries(join(at, 'alone.so'))).toEqual([]);
  });
});

describe('the text of a program', () => {
  it('tells the types of what @main takes', () => {
    expect(argumentsOf('step', step.text)).toEqual([
      'tensor<2x3xf32>',
      'tensor<i32>',
      'tensor<2x3xf32>',
      'tensor<f32>',
    ]);
    const quoted =
      'func.func @main(%a.1: tensor<i1> {name = "a) : %b: tensor<f32>"}, %b : tensor<4xui8>) -> ()';
    expect(argumentsOf('quoted', quoted.replace(': %b: tensor<f32>', ''))).toEqual([
      'tensor<i1>',
      'tensor<4xui8>',
    ]);
    expect(argumentsOf('none', 'func.func @main() -> ()')).toEqual([]);
  });

  it('without @main is refused', () => {
    expect(() => checkInputs('empty', 'module {}', [])).toThrow(
      "PJRT program 'empty': its text has no function @main; write a StableHLO module with one",
    );
    expect(() => checkInputs('open', 'func.func @main(%a: tensor<i1>, "', [])).toThrow('no function @main');
  });
});

it('options of a compilation are one replica, one partition, and the flags by type', () => {
  expect(compileOptions({}).toString('hex')).toBe('1a0420012801');
  const hex = compileOptions({ a: true, b: 'x', c: 3, d: 0.5 }).toString('hex');
  expect(hex).toBe(
    '1a0420012801' +
      '3a070a016112021001' +
      '3a080a016212030a0178' +
      '3a070a016312021803' +
      '3a0e0a0164120921000000000000e03f',
  );
});
