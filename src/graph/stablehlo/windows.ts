/** Operations over windows that slide over a tensor. */
import { arrayText, type Builder, type Combine, pairsText, signature } from './builder.js';
import type { Hlo, TensorType } from './types.js';
import { typeText } from './types.js';

/** An entry an axis. */
export interface Window {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly pad: readonly (readonly [number, number])[];
}

/** Combines each window; beyond the ends there is `initial`. */
export function reduceWindow(h: Builder, x: Hlo, combine: Combine, initial: number, window: Window): Hlo {
  const { size, strides, pad } = window;
  const shape = x.shape.map((side, i) =>
    Math.floor((side + pad[i][0] + pad[i][1] - size[i]) / strides[i] + 1),
  );
  const result: TensorType = { shape, type: x.type };
  const first = h.scalar(initial, x.type);
  const settings = [
    `padding = ${pairsText(pad)}`,
    `window_dimensions = ${arrayText(size)}`,
    `window_strides = ${arrayText(strides)}`,
  ].join(', ');
  const region = combining(combine, x);
  const types = signature([x, first], result);
  return h.line(
    `"stablehlo.reduce_window"(${x.id}, ${first.id}) <{${settings}}> (${region}) : ${types}`,
    result,
  );
}

/** Adds each number of `source` to where the largest of its window of `x` is, the first one if there are several. */
export function scatterToLargest(h: Builder, x: Hlo, source: Hlo, { size, strides, pad }: Window): Hlo {
  const zero = h.scalar(0, x.type);
  const settings = [
    `padding = ${pairsText(pad)}`,
    `window_dimensions = ${arrayText(size)}`,
    `window_strides = ${arrayText(strides)}`,
  ].join(', ');
  const one: TensorType = { shape: [], type: x.type };
  const bool = typeText({ shape: [], type: 'i1' });
  const choose = block(one, [
    `%r = stablehlo.compare GE, %a, %b, FLOAT : ${signature([one, one], { shape: [], type: 'i1' })}`,
    `stablehlo.return %r : ${bool}`,
  ]);
  return h.line(
    `"stablehlo.select_and_scatter"(${x.id}, ${source.id}, ${zero.id}) <{${settings}}> (${choose}, ${combining('add', x)}) : ${signature([x, source, zero], x)}`,
    x,
  );
}

/** A region that combines two numbers. */
export function combining(combine: Combine, { type }: TensorType): string {
  const one: TensorType = { shape: [], type };
  return block(one, [
    `%r = stablehlo.${combine} %a, %b : ${typeText(one)}`,
    `stablehlo.return %r : ${typeText(one)}`,
  ]);
}

function block(one: TensorType, lines: readonly string[]): string {
  return `{\n    ^bb0(%a: ${typeText(one)}, %b: ${typeText(one)}):\n${lines.map((line) => `      ${line}\n`).join('')}    }`;
}
