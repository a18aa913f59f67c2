/** Small programs, and the plugin that runs them. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findPjrtPlugins, type Port } from '../../../src/graph/pjrt/index.js';

/** A plugin for the processor: what `RXAUG_PJRT_PLUGIN` names, or what `rxaug setup --xla cpu` keeps. */
export const plugin = findPjrtPlugins().find(({ kind }) => kind === 'cpu' || kind === 'given')?.file;
export const NEEDS = plugin ? '' : ' (skipped: needs rxaug setup --xla cpu)';

const port = (name: string, shape: number[], dtype: Port['dtype'] = 'float32'): Port => ({
  name,
  shape,
  dtype,
});

/** w += rate · x, n += 1; gives the sum of w. */
export const variables = [port('w', [2, 3]), port('n', [], 'int32')];
export const step = {
  name: 'step',
  inputs: [...variables, port('x', [2, 3]), port('rate', [])],
  outputs: [...variables, port('sum', [])],
  text: `module @step {
  func.func public @main(%arg0: tensor<2x3xf32> {tf.aliasing_output = 0 : i32}, %arg1: tensor<i32> {tf.aliasing_output = 1 : i32}, %arg2: tensor<2x3xf32>, %arg3: tensor<f32>) -> (tensor<2x3xf32>, tensor<i32>, tensor<f32>) {
    %0 = stablehlo.broadcast_in_dim %arg3, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
    %1 = stablehlo.multiply %arg2, %0 : tensor<2x3xf32>
    %2 = stablehlo.add %arg0, %1 : tensor<2x3xf32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %3 = stablehlo.add %arg1, %one : tensor<i32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %4 = stablehlo.reduce(%2 init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<f32>
    return %2, %3, %4 : tensor<2x3xf32>, tensor<i32>, tensor<f32>
  }
}
`,
};

/** Reads w, and its text lets the result reuse the memory of w although the program does not replace it. */
export const evaluate = {
  name: 'evaluate',
  inputs: [variables[0]],
  outputs: [port('double', [2, 3]), port('turned', [3, 2])],
  text: `module @evaluate {
  func.func public @main(%arg0: tensor<2x3xf32> {tf.aliasing_output = 0 : i32}) -> (tensor<2x3xf32>, tensor<3x2xf32>) {
    %0 = stablehlo.add %arg0, %arg0 : tensor<2x3xf32>
    %1 = stablehlo.transpose %arg0, dims = [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
    return %0, %1 : tensor<2x3xf32>, tensor<3x2xf32>
  }
}
`,
};

/** Every type there and back. */
export const types = {
  name: 'types',
  inputs: [
    port('bool', [3], 'bool'),
    port('uint8', [3], 'uint8'),
    port('int32', [3], 'int32'),
    port('bfloat16', [3], 'bfloat16'),
  ],
  outputs: [
    port('not', [3], 'bool'),
    port('same', [3], 'uint8'),
    port('negative', [3], 'int32'),
    port('double', [3], 'bfloat16'),
  ],
  text: `module @types {
  func.func public @main(%arg0: tensor<3xi1>, %arg1: tensor<3xui8>, %arg2: tensor<3xi32>, %arg3: tensor<3xbf16>) -> (tensor<3xi1>, tensor<3xui8>, tensor<3xi32>, tensor<3xbf16>) {
    %0 = stablehlo.not %arg0 : tensor<3xi1>
    %1 = stablehlo.negate %arg2 : tensor<3xi32>
    %2 = stablehlo.add %arg3, %arg3 : tensor<3xbf16>
    return %0, %arg1, %1, %2 : tensor<3xi1>, tensor<3xui8>, tensor<3xi32>, tensor<3xbf16>
  }
}
`,
};

/** Takes `n` steps of a chain of numbers one by one, which cannot be done at once. */
export const counting = {
  name: 'counting',
  inputs: [port('n', [], 'int32')],
  outputs: [port('count', [], 'int32'), port('chain', [], 'int32')],
  text: `module @counting {
  func.func public @main(%arg0: tensor<i32>) -> (tensor<i32>, tensor<i32>) {
    %zero = stablehlo.constant dense<0> : tensor<i32>
    %0:2 = stablehlo.while(%it = %zero, %x = %zero) : tensor<i32>, tensor<i32>
     cond {
      %1 = stablehlo.compare LT, %it, %arg0, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %one = stablehlo.constant dense<1> : tensor<i32>
      %2 = stablehlo.add %it, %one : tensor<i32>
      %by = stablehlo.constant dense<1664525> : tensor<i32>
      %3 = stablehlo.multiply %x, %by : tensor<i32>
      %4 = stablehlo.add %3, %it : tensor<i32>
      stablehlo.return %2, %4 : tensor<i32>, tensor<i32>
    }
    return %0#0, %0#1 : tensor<i32>, tensor<i32>
  }
}
`,
};

/** What `counting` gives. */
export function counted(n: number): { count: Int32Array; chain: Int32Array } {
  let chain = 0;
  for (let i = 0; i < n; i++) chain = (Math.imul(chain, 1664525) + i) | 0;
  return { count: Int32Array.of(n), chain: Int32Array.of(chain) };
}

/** A result of 40 terabytes. */
export const huge = {
  name: 'huge',
  inputs: [variables[1]],
  outputs: [variables[1], port('big', [10_000, 10_000, 100_000], 'int32')],
  text: `module @huge {
  func.func public @main(%arg0: tensor<i32>) -> (tensor<i32>, tensor<10000x10000x100000xi32>) {
    %0 = stablehlo.broadcast_in_dim %arg0, dims = [] : (tensor<i32>) -> tensor<10000x10000x100000xi32>
    return %arg0, %0 : tensor<i32>, tensor<10000x10000x100000xi32>
  }
}
`,
};

/** Runs a module that sees the built host as `openPjrt` and the plugin as `plugin`, in a process of its own. */
export function run(code: string): string {
  const built = new URL('../../../dist/graph/pjrt/index.js', import.meta.url).href;
  const head = `import { openPjrt } from ${JSON.stringify(built)};\nconst plugin = ${JSON.stringify(plugin)};\n`;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', head + code], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
