/** Types of numbers and kinds of ports: what onnxruntime takes is accepted where it can be fed, and comes out right. */
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { callable } from '../../src/gan/stages/callable.js';
import { arrayOf, checkOnnx, type OnnxDtype, onnxModel } from '../../src/graph/index.js';
import { HALF_LIMIT, halvesOf, numbersOfHalves } from '../../src/graph/infer/float16.js';
import { ONNX_DTYPES } from '../../src/graph/onnx/dtypes.js';
import type { OnnxGraph, OnnxTypeInfo, OnnxValueInfo } from '../../src/graph/onnx/schema.js';
import { bytesOf, honest, node, tensor } from './hostile.js';

const ELEMENT: Readonly<Record<OnnxDtype | 'bfloat16' | 'string' | 'int4' | 'float8' | 'complex64', number>> =
  {
    ...{
      float32: 1,
      uint8: 2,
      int8: 3,
      uint16: 4,
      int16: 5,
      int32: 6,
      int64: 7,
      string: 8,
      bool: 9,
      float16: 10,
    },
    ...{ float64: 11, uint32: 12, uint64: 13, complex64: 14, bfloat16: 16, float8: 17, int4: 22 },
  };
type Side = number | string;
const typeOf = (dtype: keyof typeof ELEMENT, sides: readonly Side[]): OnnxTypeInfo => ({
  tensorType: {
    elemType: ELEMENT[dtype],
    shape: { dim: sides.map((side) => (typeof side === 'string' ? { param: side } : { value: side })) },
  },
});
const port = (name: string, dtype: keyof typeof ELEMENT, ...sides: Side[]): OnnxValueInfo => ({
  name,
  type: typeOf(dtype, sides),
});
/** y = x, of one type. */
const same = (dtype: keyof typeof ELEMENT, ...sides: Side[]): OnnxGraph => ({
  name: 'same',
  node: [node('Identity', ['x'], 'y')],
  input: [port('x', dtype, ...sides)],
  output: [port('y', dtype, ...sides)],
});
const cast = (from: OnnxDtype, to: OnnxDtype, ...sides: Side[]): OnnxGraph => ({
  ...same(from, ...sides),
  node: [node('Cast', ['x'], 'y', { attribute: [{ name: 'to', i: ELEMENT[to], type: 2 }] })],
  output: [port('y', to, ...sides)],
});

/** The extremes of a type, as far as they travel. */
const EXTREMES: Readonly<Record<OnnxDtype, readonly number[]>> = {
  float32: [-3.4e38, -0, 1e-45, 0.1],
  float64: [-1.7e308, 5e-324, 0.1, 2 ** 53 + 2],
  float16: [-65504, 65504, 2 ** -24, 1 / 3],
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 31), 2 ** 31 - 1],
  bool: [0, 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, 2 ** 32 - 1],
};

describe('types of numbers', () => {
  test('row 22: the table has every type that can be fed', () => {
    expect([...ONNX_DTYPES].sort()).toEqual(Object.keys(EXTREMES).sort());
  });

  test.each(ONNX_DTYPES)('row 22: %s goes in and comes out as it was, in parts too', async (dtype) => {
    await using model = await onnxModel(bytesOf(same(dtype, 'n')), { batch: 3 });
    expect(model.inputs).toEqual([{ name: 'x', dtype, shape: [null] }]);
    const x = arrayOf(dtype).from([...EXTREMES[dtype], 1, 0, 1, 0, 1]);
    const { y } = await model.run({ x });
    expect(y.data.constructor).toBe(arrayOf(dtype));
    if (dtype === 'float16') expect(y.data).toEqual(numbersOfHalves(halvesOf(x as Float32Array)));
    else expect(y.data).toEqual(x);
    const into = { y: new (arrayOf(dtype))(x.length).fill(7) };
    expect((await model.run({ x }, { into })).y.data).toBe(into.y);
    expect(into.y).toEqual(y.data);
    const wrong = arrayOf(dtype) === Int16Array ? new Int8Array(1) : new Int16Array(1);
    await expect(model.run({ x: wrong })).rejects.toThrow(`expected ${arrayOf(dtype).name} but received`);
  });

  test('row 22: numbers out of the range of a type are refused, not wrapped', async () => {
    await using halves = await onnxModel(bytesOf(same('float16', 'n')));
    await expect(halves.run({ x: Float32Array.of(0, -65505) })).rejects.toThrow(
      /^onnx model: the run failed \(input 'x' has -65505, and float16 reaches to 65504\); check the inputs$/,
    );
    const { y } = await halves.run({ x: Float32Array.of(Number.POSITIVE_INFINITY, Number.NaN) });
    expect(y.data).toEqual(Float32Array.of(Number.POSITIVE_INFINITY, Number.NaN));
    for (const [to, value, said] of [
      ['int64', 2 ** 31, "output 'y' has 2147483648, and 32 bits do not hold it"],
      ['int64', -(2 ** 40), "output 'y' has -1099511627776, and"],
      ['uint64', 2 ** 32, "output 'y' has 4294967296, and"],
    ] as const) {
      await using model = await onnxModel(bytesOf(cast('float64', to, 'n')));
      await expect(model.run({ x: Float64Array.of(1, value) })).rejects.toThrow(said);
      expect((await model.run({ x: Float64Array.of(1, 2 ** 30) })).y.data[1]).toBe(2 ** 30);
    }
  });

  test('row 22: half floats are those of IEEE 754, and round as onnxruntime does', async () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const numbers = numbersOfHalves(all);
    const none = (half: number) => (half & 0x7fff) > 0x7c00;
    expect(halvesOf(numbers).every((half, i) => half === i || (none(i) && none(half)))).toBe(true);
    const finite = [...numbers].filter(Number.isFinite);
    expect(finite.reduce((most, x) => Math.max(most, x))).toBe(HALF_LIMIT);
    // Every float16, the middle to the next, and one float32 to either side of both.
    const near = finite.flatMap((x, i) => {
      const middle = Math.fround((x + (finite[i + 1] ?? x)) / 2);
      const [here, between] = new Int32Array(Float32Array.of(x, middle).buffer) as unknown as [
        number,
        number,
      ];
      const around = Int32Array.of(here, here + 1, between - 1, between, between + 1);
      return [...new Float32Array(around.buffer)].filter(Number.isFinite);
    });
    const x = Float32Array.from(near);
    const session = await ort.InferenceSession.create(bytesOf(cast('float32', 'float16', 'n')));
    try {
      const { y } = await session.run({ x: new ort.Tensor('float32', x, [x.length]) });
      const theirs = y!.data as Uint16Array;
      const bits = new Uint16Array(theirs.buffer, theirs.byteOffset, theirs.length);
      expect(x.length).toBeGreaterThan(200_000);
      expect(Buffer.from(halvesOf(x).buffer).equals(Buffer.from(Uint16Array.from(bits).buffer))).toBe(true);
    } finally {
      await session.release();
    }
  });

  test('row 22: weights of less than a byte, of float8 and of complex numbers are counted right', async () => {
    const weighted = (w: ReturnType<typeof tensor>, more: object = {}): Uint8Array =>
      bytesOf(
        {
          name: 'weighted',
          node: [node('DequantizeLinear', ['w', 's'], 'd'), node('Add', ['x', 'd'], 'y')],
          initializer: [w, tensor('s', [])],
          input: [port('x', 'float32', 'n', 5)],
          output: [port('y', 'float32', 'n', 5)],
        },
        { irVersion: 10, opsetImport: [{ domain: '', version: 21 }], ...more },
      );
    const int4 = { dataType: ELEMENT.int4, rawData: Uint8Array.of(0x21, 0xf3, 0x08) };
    await using model = await onnxModel(weighted(tensor('w', [5], int4)));
    const { y } = await model.run({ x: new Float32Array(5) });
    expect(y.data).toEqual(Float32Array.of(0.5, 1, 1.5, -0.5, -4));
    checkOnnx(weighted(tensor('w', [5], { ...int4, rawData: undefined, int32Data: [0x21, 0xf3, 0x08] })));
    checkOnnx(weighted(tensor('w', [5], { dataType: ELEMENT.float8, rawData: new Uint8Array(5) })));
    checkOnnx(weighted(tensor('w', [5], { dataType: ELEMENT.complex64, rawData: new Uint8Array(40) })));
    for (const [dataType, bytes, said] of [
      [ELEMENT.int4, 2, /'w' has data for 3\.\d+ numbers and a shape of 5/],
      [ELEMENT.int4, 5, /and a shape of 5/],
      [ELEMENT.float8, 10, /has data for 10 numbers and a shape of 5/],
      [ELEMENT.complex64, 20, /has data for 2\.5 numbers and a shape of 5/],
    ] as const) {
      const w = tensor('w', [5], { dataType, rawData: new Uint8Array(bytes) });
      expect(() => checkOnnx(weighted(w))).toThrow(said);
    }
  });
});

describe('ports', () => {
  const optional = (type: OnnxTypeInfo): OnnxTypeInfo => ({ optionalType: { elemType: type } });
  const sequence: OnnxTypeInfo = { sequenceType: new Uint8Array(0) };
  /** Gives x, and x as a sequence. */
  const mixed: OnnxGraph = {
    ...same('float32', 'n', 3),
    node: [node('Identity', ['x'], 'y'), node('SequenceConstruct', ['x'], 'list')],
    output: [
      port('y', 'float32', 'n', 3),
      { name: 'list', type: { sequenceType: Uint8Array.of(0x0a, 4, 0x0a, 2, 0x08, 1) } },
    ],
  };

  test('row 22: an input with a default is no input; to give it another value is refused', async () => {
    const given = { ...honest, input: [...(honest.input ?? []), port('w', 'float32', 3)] };
    await using model = await onnxModel(bytesOf(given), { inputs: { x: { shape: [null, 3] } } });
    expect(model.inputs.map(({ name }) => name)).toEqual(['x']);
    expect((await model.run({ x: Float32Array.of(1, 2, 3) })).y.data).toEqual(Float32Array.of(1.5, 2.5, 3.5));
    expect(() => checkOnnx(bytesOf(given), { inputs: { x: {}, w: {} } })).toThrow(
      "has a value of its own for 'w', and cannot be given another; remove it from inputs",
    );
    await expect(model.run({ x: new Float32Array(3), w: new Float32Array(3) })).rejects.toThrow(
      "expected 'x' but received 'w'",
    );
  });

  test('row 22: an input that may be absent is given like any other', async () => {
    const graph: OnnxGraph = {
      ...same('float32', 'n', 3),
      node: [node('OptionalGetElement', ['x'], 'y')],
      input: [{ name: 'x', type: optional(typeOf('float32', ['n', 3])) }],
    };
    await using model = await onnxModel(bytesOf(graph));
    expect(model.inputs).toEqual([{ name: 'x', dtype: 'float32', shape: [null, 3] }]);
    const x = Float32Array.of(1, 2, 3);
    expect((await model.run({ x })).y).toEqual({ data: x, dims: [1, 3] });
    const huge = { ...graph, input: [{ name: 'x', type: optional(typeOf('float32', [2 ** 20, 2 ** 20])) }] };
    expect(() => checkOnnx(bytesOf(huge))).toThrow(/its input 'x' has 1099511627776 numbers/);
  });

  test('row 22: outputs that are not used may be of any kind', async () => {
    expect(() => checkOnnx(bytesOf(mixed))).toThrow(
      "output 'list' is a sequence, which cannot be read; name in outputs those that you use, or export it as a tensor of float32",
    );
    await using model = await onnxModel(bytesOf(mixed), { outputs: { y: {} } });
    expect(Object.keys(await model.run({ x: new Float32Array(6) }))).toEqual(['y']);
    expect(() => checkOnnx(bytesOf(mixed), { outputs: { list: {} } })).toThrow(/'list' is a sequence/);
  });

  test.each<[string, OnnxTypeInfo, string]>([
    ['bfloat16', typeOf('bfloat16', [3]), 'a tensor of bfloat16'],
    ['strings', typeOf('string', [3]), 'a tensor of strings'],
    ['int4', typeOf('int4', [3]), 'a tensor of int4'],
    ['float8', typeOf('float8', [3]), 'a tensor of float8'],
    ['a type to come', { tensorType: { elemType: 99 } }, 'a tensor of type 99'],
    ['a sequence', sequence, 'a sequence'],
    ['a map', { mapType: new Uint8Array(0) }, 'a map'],
    ['a sparse tensor', { sparseTensorType: new Uint8Array(0) }, 'a sparse tensor'],
    ['an optional sequence', optional(sequence), 'a sequence that may be absent'],
    ['no type', {}, 'of no type'],
  ])('row 22: an input of %s is refused by name', (_, type, said) => {
    const bytes = bytesOf({ ...same('float32', 3), input: [{ name: 'x', type }] });
    expect(() => checkOnnx(bytes)).toThrow(
      `onnx model: input 'x' is ${said}, which cannot be given; export it as a tensor of float32`,
    );
  });

  test('row 22: a port of two types is refused', () => {
    const type = { ...typeOf('float32', [3]), ...optional(typeOf('float32', [4])) };
    expect(() => checkOnnx(bytesOf({ ...same('float32', 3), input: [{ name: 'x', type }] }))).toThrow(
      "input 'x' is of two types; export it again",
    );
  });
});

describe('stages of the stream', () => {
  const images = Float32Array.of(-1, 1, 0, 0.25, -0.5, 1.5, -2, 1);
  const image = async (dtype: OnnxDtype, range?: [number, number]) => {
    const wish = { x: { ...(range && { range }) } };
    const model = await onnxModel(bytesOf(same(dtype, 'n', 2, 1, 2)), {
      inputs: wish,
      outputs: { y: { ...(range && { range }) } },
    });
    return model;
  };

  test.each<[OnnxDtype, [number, number] | undefined, number]>([
    ['float16', undefined, 0.001],
    ['float64', [-1, 1], 1e-9],
    ['uint8', undefined, 1 / 255 + 1e-6],
    ['int8', [-128, 127], 1 / 255 + 1e-6],
    ['uint16', [0, 65535], 1 / 65535 + 1e-6],
  ])('row 22: images go to %s and come back', async (dtype, range, slack) => {
    await using model = await image(dtype, range);
    const out = await callable(model).call({ x: images }, 2);
    const cut = range && !dtype.startsWith('float');
    const whole = dtype === 'uint8' || cut;
    out.forEach((value, i) => {
      const expected = whole ? Math.min(1, Math.max(-1, images[i]!)) : images[i]!;
      expect(Math.abs(value - expected), `${images[i]}`).toBeLessThanOrEqual(slack);
    });
  });

  test('row 22: bytes are levels, rounded to the nearest', async () => {
    await using model = await onnxModel(bytesOf(cast('uint8', 'float32', 'n', 1, 1, 4)), {
      outputs: { y: { range: [-1, 1] } },
    });
    const levels = await callable(model).call({ x: Float32Array.of(-1, 1, 0.2, 100 / 127.5 - 1) }, 1);
    expect([...levels]).toEqual([0, 255, 153, 100]);
  });

  test('row 22: integer images without a known range are refused', async () => {
    await using model = await image('int8');
    expect(() => callable(model)).toThrow(
      "onnx model: input 'x': expected images of a known range but received 'int8'; give its range to onnxModel, in inputs",
    );
    await using coin = await image('bool', [0, 1]);
    expect(() => callable(coin)).toThrow("received 'bool'; export it with float32");
  });

  test('row 22: classes may be integers, codes that are not whole are refused', async () => {
    await using model = await onnxModel(bytesOf(cast('int64', 'float32', 'n', 3)));
    const call = (x: Float32Array) => callable(model).call({ x }, 1);
    expect([...(await call(Float32Array.of(0, 1, 0)))]).toEqual([0, 1, 0]);
    await expect(call(Float32Array.of(0, 0.5, 0))).rejects.toThrow(
      "onnx model: input 'x': expected int64 integers in -2147483648..2147483647 but received 0.5; export the model with float32",
    );
  });
});
