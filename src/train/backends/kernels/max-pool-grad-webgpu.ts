/**
 * MaxPoolGrad for WebGPU: each dY goes to the place where its window had its maximum; the first of equals, row by
 * row, as on every other backend. tfjs assigns it to the last of them.
 *
 * Upstream: no issue known in November 2026.
 */
import { tf } from '../../../graph/tf.js';
import type { Repair } from './repair.js';
import { elementwise, type WebGpuBackend } from './wgsl.js';

export const maxPoolGradWebGpu: Repair = {
  kernelName: 'MaxPoolGrad',
  backends: ['webgpu'],
  kernelFunc: ({ inputs, attrs, backend }) => {
    const dy = inputs.dy as tf.TensorInfo; // [B, Y, X, C]
    const input = inputs.input as tf.TensorInfo; // [B, H, W, C]
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.MaxPoolGradAttrs;
    const shape = input.shape as [number, number, number, number];
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const program = elementwise('maxPoolGrad', shape, ['dy', 'x'], UNIFORMS, CODE);
    return (backend as WebGpuBackend).runWebGPUProgram(program, [dy, input], 'float32', [
      { type: 'int32', data: [info.filterHeight, info.filterWidth] },
      { type: 'int32', data: [info.strideHeight, info.strideWidth] },
      { type: 'int32', data: [info.padInfo.top, info.padInfo.left] },
      { type: 'int32', data: [info.inHeight, info.inWidth] },
      { type: 'int32', data: [info.outHeight, info.outWidth] },
    ]);
  },
};

const UNIFORMS =
  'window : vec2<i32>, strides : vec2<i32>, pads : vec2<i32>, inSize : vec2<i32>, outSize : vec2<i32>';

/** One thread a pixel: over the windows that see it, dY of those in which no pixel before it is as large. */
const CODE = `
fn isFirstMaximum(b : i32, at : vec2<i32>, c : i32, corner : vec2<i32>) -> bool {
  let value = getX(b, at.x, at.y, c);
  let start = max(corner, vec2<i32>(0));
  let end = min(corner + uniforms.window, uniforms.inSize);
  for (var r = start.x; r < end.x; r++) {
    for (var q = start.y; q < end.y; q++) {
      let other = getX(b, r, q, c);
      let before = r < at.x || (r == at.x && q < at.y);
      if (other > value || (before && other == value)) { return false; }
    }
  }
  return true;
}

fn main(index : i32) {
  if (index < uniforms.size) {
    let coords = getCoordsFromIndex(index);
    let at = coords.yz;
    // Windows y with strides·y − pads ≤ at < strides·y − pads + window.
    let reach = at + uniforms.pads;
    let first = max((reach - uniforms.window + uniforms.strides) / uniforms.strides, vec2<i32>(0));
    let last = min(reach / uniforms.strides, uniforms.outSize - 1);
    var sum = 0.0;
    for (var y = first.x; y <= last.x; y++) {
      for (var x = first.y; x <= last.y; x++) {
        let corner = vec2<i32>(y, x) * uniforms.strides - uniforms.pads;
        if (all(at < corner + uniforms.window) && isFirstMaximum(coords.x, at, coords.w, corner)) {
          sum += getDy(coords.x, y, x, coords.w);
        }
      }
    }
    setOutputAtIndex(index, sum);
  }
}
`;
