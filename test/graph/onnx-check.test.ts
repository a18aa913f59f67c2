import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RxaugError } from '../../src/core/index.js';
import { checkOnnx, onnxModel } from '../../src/graph/index.js';
import { bytesOf, honest, hostile, node } from './hostile.js';

const generator = readFileSync(new URL('../golden/graph/generator.onnx', import.meta.url));

describe('checkOnnx', () => {
  test('a valid file passes, with its inputs, outputs and opset', () => {
    const bytes = bytesOf(honest, { metadataProps: [{ key: 'author', value: 'me' }] });
    expect(checkOnnx(bytes)).toEqual({
      inputs: [{ name: 'x', dtype: 'float32', shape: [null, 3] }],
      outputs: [{ name: 'y', dtype: 'float32', shape: [null, 3] }],
      sha256: createHash('sha256').update(bytes).digest('hex'),
      opset: 18,
      nodes: 1,
      metadata: { author: 'me' },
    });
  });

  test('a generator from PyTorch passes', () => {
    const wishes = {
      inputs: { z: { shape: [null, 100] } },
      outputs: { image: { shape: [null, 3, 16, 16] } },
    };
    const { opset, outputs } = checkOnnx(generator, wishes);
    expect([opset, outputs[0].shape]).toEqual([18, [null, 3, 16, 16]]);
  });

  test.each(hostile)('%s is refused in one sentence', async (_, make, sentence) => {
    const bytes = make();
    const error = (() => {
      try {
        return checkOnnx(bytes, { name: 'evil.onnx' });
      } catch (thrown) {
        return thrown as Error;
      }
    })();
    expect(error).toBeInstanceOf(RxaugError);
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).message).toMatch(/^onnx evil\.onnx: [^\n]+$/);
    await expect(onnxModel(bytes)).rejects.toThrow(sentence); // and no worker starts for it
  });

  test.each([
    [{ inputs: { z: {} } }, /has no input 'z' but 'x'; did you mean 'x'\?/],
    [{ inputs: {} }, /has an input 'x' too/],
    [{ inputs: { x: { shape: [null, 4] } } }, /input 'x' has the shape \[any, 3\] and not \[any, 4\]/],
    [{ inputs: { x: { shape: [null, 3, 1] } } }, /has the shape/],
    [{ inputs: { x: { dtype: 'int64' as const } } }, /input 'x' is float32 and not int64/],
    [{ outputs: { image: {} } }, /has no output 'image' but 'y'; name one of those/],
    [{ sha256: '0'.repeat(64) }, /its SHA-256 is [0-9a-f]{64} and not the 0{64} that was pinned/],
    [{ limits: { bytes: 10 } }, /has \d+ bytes, and 10 are the limit/],
  ])('expected inputs and outputs must exist: %j', (options, sentence) => {
    expect(() => checkOnnx(bytesOf(honest), options)).toThrow(sentence);
  });

  test('a fixed batch is not an open one', () => {
    const dim = [{ value: 1 }, { value: 3 }];
    const fixed = {
      ...honest,
      input: [{ name: 'x', type: { tensorType: { elemType: 1, shape: { dim } } } }],
    };
    expect(() => checkOnnx(bytesOf(fixed), { inputs: { x: { shape: [null, 3] } } })).toThrow(/open batch/);
  });

  test('a file with any bytes changed passes or is refused, and nothing else happens', () => {
    const change = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(), (changes, cut) => {
        const bytes = Uint8Array.from(generator);
        for (const { at, to } of changes) bytes[at % 4000] = to; // names and structure are at the front
        try {
          checkOnnx(cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes);
        } catch (error) {
          if (!(error instanceof RxaugError) || error.message.includes('\n')) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what passes and still cannot run is said by onnxruntime, in one sentence', async () => {
    const bytes = bytesOf({ ...honest, node: [node('NoSuchOperator', ['x', 'w'], 'y')] });
    await expect(onnxModel(bytes)).rejects.toThrow(
      /^onnx model: onnxruntime does not load it \([^\n]+\); export it again$/,
    );
  });
});
