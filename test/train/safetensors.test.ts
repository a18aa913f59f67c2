/** Files of weights are untrusted: what is read is exact, and what is wrong is refused in one sentence. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Draws, fold, keyOf, RxaugError } from '../../src/core/index.js';
import { halvesOf } from '../../src/graph/infer/float16.js';
import { nameTwice } from '../../src/train/weights/json-names.js';
import { Safetensors } from '../../src/train/weights/safetensors.js';
import { axisOrder, reordered, storedShape } from '../../src/train/weights/stored-order.js';
import { mutateBytes, mutateText } from '../faults/mutate.js';
import { bytesOf, headerOf, type Stored, stored, withLength, writeSafetensors } from './keyed-weights.js';

const dir = mkdtempSync(path.join(tmpdir(), 'rxaug-safetensors-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = path.join(dir, 'w.safetensors');

const product = (shape: readonly number[]) => shape.reduce((all, side) => all * side, 1);

/** All tensors of the file, read. */
function contents(): Record<string, number[]> {
  const open = Safetensors.open(file);
  try {
    return Object.fromEntries([...open.entries].map(([name, entry]) => [name, [...open.read(entry)]]));
  } finally {
    open.close();
  }
}

/** The sentence with which a file is refused. */
function refusal(bytes: Uint8Array | string): string {
  writeFileSync(file, bytes);
  try {
    contents();
  } catch (error) {
    expect(error).toBeInstanceOf(RxaugError);
    const { message } = error as Error;
    expect(message.startsWith(`weights ${file}: `), message).toBe(true);
    expect(message).not.toContain('\n');
    return message.slice(`weights ${file}: `.length);
  }
  return 'nothing';
}

const bf16 = (values: readonly number[]) =>
  Uint16Array.from(values, (value) => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16);

describe('what is written is read back', () => {
  test('of any names, shapes and types', () => {
    const tensor = fc.record({
      name: fc
        .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
        .filter((s) => [...s].every((c) => c > '\u001f' && c !== '\u007f')),
      shape: fc.array(fc.nat(3), { maxLength: 4 }),
      dtype: fc.constantFrom('F32', 'F16', 'BF16'),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 6 }),
        fc.boolean(),
        (tensors, hasMetadata) => {
          fc.pre(tensors.every(({ name }) => name !== '__metadata__'));
          const expected: Record<string, number[]> = {};
          const all = tensors.map(({ name, shape, dtype }, i): Stored => {
            // Exact in all three types.
            const values = Array.from({ length: product(shape) }, (_, k) => (k - 3) * 0.25 * (i + 1));
            Object.defineProperty(expected, name, { value: values, enumerable: true });
            const numbers =
              dtype === 'F32'
                ? Float32Array.from(values)
                : dtype === 'F16'
                  ? halvesOf(Float32Array.from(values))
                  : bf16(values);
            return { name, shape, dtype, bytes: bytesOf(numbers) };
          });
          writeSafetensors(file, all, hasMetadata ? { format: 'pt' } : undefined);
          const read = contents();
          expect(Object.entries(read).sort()).toEqual(Object.entries(expected).sort());
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  });

  test('half floats to their last bit: 65504, the smallest, −0', () => {
    const halves = Uint16Array.of(0x7bff, 0x0001, 0x8000, 0x3555);
    writeSafetensors(file, [{ name: 'h', shape: [4], dtype: 'F16', bytes: bytesOf(halves) }]);
    expect(contents()).toEqual({ h: [65504, 2 ** -24, -0, 0.333251953125] });
  });

  test('a header with spaces after it, as the library pads it', () => {
    const [header, bytes] = [
      headerOf([stored('a', [2])])
        .subarray(8)
        .toString(),
      stored('a', [2]).bytes,
    ];
    expect(refusal(Buffer.concat([withLength(`${header}     `), bytes]))).toBe('nothing');
  });

  test('types that are no floats may be in a file, and are refused by name when they are read', () => {
    const counter = { name: 'n', shape: [], dtype: 'I64', bytes: new Uint8Array(8) };
    writeSafetensors(file, [stored('a', [3]), counter]);
    const open = Safetensors.open(file);
    expect(open.read(open.entries.get('a') as never).length).toBe(3);
    expect(() => open.read(open.entries.get('n') as never)).toThrow(
      "has 'n' as I64; save the weights as F32, F16 or BF16",
    );
    open.close();
  });
});

describe('what is wrong is refused in one sentence', () => {
  const four = new Uint8Array(16).fill(1);
  const header = (json: string, data: Uint8Array = four) => Buffer.concat([withLength(json), data]);
  const entry = (text: string) => `{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},${text}}`;
  const one = (shape: string, offsets: string, data?: Uint8Array) =>
    header(`{"a":{"dtype":"F32","shape":[${shape}],"data_offsets":[${offsets}]}}`, data);
  /** A second tensor after one of 16 bytes. */
  const also = (fields: string) => header(entry(`"b":{${fields}}`));

  test.each([
    ['empty', '', 'is only 0 bytes long'],
    ['short', 'abc', 'is only 3 bytes long'],
    ['no header', Buffer.alloc(64), 'would have a header of 0 bytes'],
    ['a huge header', Buffer.alloc(64, 0xff), 'would have a header of 18446744073709551615 bytes'],
    ['a header that is cut', withLength('{"a":1}').subarray(0, 12), 'is cut short within its header'],
    ["PyTorch's zip", Buffer.from('PK\x03\x04aaaaaaaaaa'), "is a file of PyTorch's own format"],
    ["PyTorch's pickle", Buffer.from('\x80\x02}q\x00aaaaaa', 'latin1'), "is a file of PyTorch's own format"],
    ['LFS', 'version https://git-lfs.github.com/spec/v1\n', 'is a pointer of Git LFS'],
    ['HDF5', Buffer.from('\x89HDF\r\n\x1a\n000', 'latin1'), 'is an HDF5 file'],
    ['a checkpoint', 'RXAUGCP2aaaaaaaaaaaaa', 'is a checkpoint of rxaug'],
    ['no JSON', header('{"a":'), 'has a header that is no JSON;'],
    [
      'no UTF-8',
      Buffer.concat([Buffer.from([4, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{"\xff"', 'latin1')]),
      'no JSON',
    ],
    ['a list', header('[]'), 'no JSON object'],
    ['null', header('null'), 'no JSON object'],
    ['metadata', header(entry('"__metadata__":{"a":1}')), 'has a __metadata__ that is not of text alone'],
    ['no entry', header(entry('"b":3')), "has no description of 'b'"],
    [
      'an unknown field',
      also('"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1'),
      "unknown field 'x' in the description of 'b'",
    ],
    ['no type', also('"shape":[0],"data_offsets":[16,16]'), "has 'b' as undefined, which is none of"],
    ['a type', also('"dtype":"F4","shape":[0],"data_offsets":[16,16]'), "has 'b' as 'F4', which is none of"],
    [
      'a type of Object',
      also('"dtype":"toString","shape":[0],"data_offsets":[16,16]'),
      "has 'b' as 'toString'",
    ],
    ['a shape below 0', one('-2,-2', '0,16'), "has an impossible shape of 'a'"],
    ['a shape of fractions', one('2.5', '0,10'), 'has an impossible shape'],
    ['a shape of many axes', one(`${'1,'.repeat(99)}4`, '0,16'), 'has an impossible shape'],
    [
      'a shape too large to count',
      one('9007199254740991,9007199254740991', '0,16'),
      "gives 'a' 16 bytes where F32 [9007199254740991, 9007199254740991] has",
    ],
    ['offsets', one('4', '0'), "has impossible data_offsets of 'a'"],
    ['offsets below 0', one('4', '-8,8'), 'has impossible data_offsets'],
    ['offsets in the wrong order', one('4', '16,0'), "gives 'a' -16 bytes"],
    ['another size', one('3', '0,16'), "gives 'a' 16 bytes where F32 [3] has 12"],
    [
      'an overlap',
      also('"dtype":"F32","shape":[2],"data_offsets":[8,16]'),
      "has bytes that two tensors share before 'b'",
    ],
    [
      'the same bytes',
      also('"dtype":"F32","shape":[4],"data_offsets":[0,16]'),
      'has bytes that two tensors share',
    ],
    ['a hole', one('2', '8,16'), "has bytes of no tensor before 'a'"],
    ['bytes after it', one('2', '0,8'), 'has 8 bytes after its last tensor'],
    ['a cut', one('8', '0,32'), 'is cut short: its header describes'],
    [
      'a name twice',
      header(
        '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"\\u0061":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}',
      ),
      "names 'a' twice in its header",
    ],
    [
      'a field twice',
      header('{"a":{"dtype":"F32","dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
      "names 'dtype' twice",
    ],
    [
      'no name',
      header('{"":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
      "has a tensor whose name is ''",
    ],
    [
      'a name of control characters',
      header('{"a\\nb":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
      'has a tensor whose name is',
    ],
    [
      'a long name',
      header(`{"${'a'.repeat(600)}":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}`),
      'has a tensor whose name is',
    ],
    [
      'NaN',
      one('1', '0,4', bytesOf(Float32Array.of(Number.NaN))),
      "holds a number that is not finite in 'a'",
    ],
    [
      'infinity in a half',
      header('{"a":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}', Uint8Array.of(0, 0x7c)),
      'not finite',
    ],
  ] as [string, string | Uint8Array, string][])('%s', (_, bytes, sentence) => {
    expect(refusal(bytes)).toContain(sentence);
  });

  test('a missing file, a folder, a pipe', () => {
    const folder = path.join(dir, 'folder');
    mkdirSync(folder);
    expect(() => Safetensors.open(path.join(dir, 'none'))).toThrow(
      /cannot be read \(.*ENOENT.*\); check the path/,
    );
    expect(() => Safetensors.open(folder)).toThrow('is no file; give the path of a .safetensors file');
    if (process.platform === 'win32') return;
    const pipe = path.join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(() => Safetensors.open(pipe)).toThrow('is no file');
  });

  test('a file that becomes shorter after it was opened', () => {
    writeSafetensors(file, [stored('a', [100])]);
    const open = Safetensors.open(file);
    writeFileSync(file, Buffer.alloc(20));
    expect(() => open.read(open.entries.get('a') as never)).toThrow(
      "'a' cannot be read (the file became shorter",
    );
    open.close();
  });

  test('damage of any kind: the file is refused, or all that its header says is in it', () => {
    const source = Buffer.concat([
      headerOf([stored('conv1.weight', [2, 3, 1, 1]), stored('fc.bias', [5])], { format: 'pt' }),
      stored('conv1.weight', [2, 3, 1, 1]).bytes,
      stored('fc.bias', [5]).bytes,
    ]);
    const counts = { refused: 0, read: 0 };
    for (let i = 0; i < 3000; i++) {
      const draws = new Draws(fold(keyOf(11), i));
      let mutant = mutateBytes(source, draws);
      if (i % 2 === 1) {
        // Damage of the JSON with a length that is right again.
        const end = 8 + Number(source.readBigUInt64LE(0));
        const json = mutateText(source.subarray(8, end), draws);
        mutant = Buffer.concat([withLength(json.toString('utf8')), source.subarray(end)]);
      }
      const said = refusal(mutant);
      counts[said === 'nothing' ? 'read' : 'refused']++;
      if (said !== 'nothing') continue;
      const open = Safetensors.open(file);
      const sum = [...open.entries.values()].reduce((all, { bytes }) => all + bytes, 0);
      open.close();
      expect(sum).toBe(mutant.length - 8 - Number(mutant.readBigUInt64LE(0)));
    }
    // Only what damages a number, or a name, can be read.
    expect(counts.refused).toBeGreaterThan(1500);
    expect(counts.read).toBeGreaterThan(100);
  });
});

test('nameTwice finds names, and no texts that look like names', () => {
  expect(nameTwice('{"a":"a","b":{"a":1},"c":[{"a":1},{"a":1}]}')).toBeUndefined();
  expect(nameTwice('{"a":"b\\":","b":"{","c":"\\\\"}')).toBeUndefined();
  expect(nameTwice('{"a":{"x" : 1, "x": 2}}')).toBe('x');
  expect(nameTwice('{"a":[],"\\u0061" :1}')).toBe('a');
});

test('kernels are put into our order of axes', () => {
  const shape = [2, 3, 4, 5]; // height, width, in, out
  const order = axisOrder(4) as number[];
  const there = storedShape(shape, order);
  expect(there).toEqual([5, 4, 2, 3]);
  const numbers = Float32Array.from({ length: 120 }, (_, i) => i);
  const ours = reordered(numbers, there, order);
  for (const [h, w, i, o] of [
    [0, 0, 0, 0],
    [1, 2, 3, 4],
    [1, 0, 2, 3],
  ] as const)
    expect(ours[((h * 3 + w) * 4 + i) * 5 + o]).toBe(((o * 4 + i) * 2 + h) * 3 + w);
  expect([...reordered(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], axisOrder(2) as number[])]).toEqual([
    1, 4, 2, 5, 3, 6,
  ]);
  expect([axisOrder(1), axisOrder(3)]).toEqual([undefined, undefined]);
});
