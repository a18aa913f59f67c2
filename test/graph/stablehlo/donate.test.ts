/** Memory of inputs that becomes that of outputs, as a training does with its state at every step. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { traceFunction } from '../../../src/graph/index.js';
import { openPjrt } from '../../../src/graph/pjrt/index.js';
import { writeStableHlo } from '../../../src/graph/stablehlo/write.js';
import { useBackend } from '../../train/golden.js';
import { withPrograms } from './program.js';

withPrograms('donated state', () => {
  beforeAll(() => useBackend('cpu'));

  test.each([true, false])('is right after some steps, donated: %s', async (donated) => {
    const names = ['grows', 'stays', 'left', 'right', 'late', 'twin', 'other', 'zero', 'odd'];
    const graph = traceFunction(
      (s) => ({
        grows: tf.add(s.grows, s.by),
        stays: s.stays, // the input itself
        left: s.right,
        right: s.left,
        late: s.grows, // what another one was
        twin: tf.mul(s.grows, 2),
        other: tf.mul(s.grows, 2), // one value twice
        zero: tf.zerosLike(s.zero), // does not depend on what it takes over
        odd: tf.logicalNot(s.odd),
        'metrics/sum': tf.sum(s.left),
      }),
      {
        inputs: [
          ...names.map((name) => ({
            name,
            shape: [3],
            dtype: name === 'odd' ? ('bool' as const) : undefined,
          })),
          { name: 'by', shape: [] },
        ],
      },
    );
    const port = ({ name, shape, dtype }: (typeof graph.inputs)[number]) => ({
      name,
      shape: shape as number[],
      dtype: dtype as 'float32',
    });
    const variables = graph.inputs.filter(({ name }) => name !== 'by').map(port);
    const outputs = Object.entries(graph.outputs).map(([name, value]) => ({ ...port(value), name }));
    const text = writeStableHlo(graph, { donate: donated ? names : [] });
    expect(text.match(/tf.aliasing_output/g)?.length ?? 0).toBe(donated ? names.length : 0);

    const pjrt = await openPjrt();
    try {
      const session = await pjrt.createSession(variables);
      const program = await session.loadProgram({ text, inputs: graph.inputs.map(port), outputs });
      const first = (at: number) => Float32Array.of(at, at + 1, at + 2);
      await session.setState({
        ...Object.fromEntries(names.map((name, i) => [name, first(10 * i)])),
        odd: Uint8Array.of(1, 0, 1),
      });
      const sums: number[] = [];
      for (let step = 0; step < 3; step++) {
        sums.push((await program.step({ by: Float32Array.of(0.5) }))['metrics/sum'][0]);
      }
      const state = await session.getState();
      const plain = Object.fromEntries(Object.entries(state).map(([name, values]) => [name, [...values]]));
      expect(plain).toEqual({
        grows: [1.5, 2.5, 3.5],
        stays: [10, 11, 12],
        left: [30, 31, 32],
        right: [20, 21, 22],
        late: [1, 2, 3],
        twin: [2, 4, 6],
        other: [2, 4, 6],
        zero: [0, 0, 0],
        odd: [0, 1, 0],
      });
      expect(sums).toEqual([63, 93, 63]);
    } finally {
      await pjrt.close();
    }
  });
});
