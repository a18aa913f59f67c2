/** Plugin code, guarded. Rows and images that it sees are copies, so it cannot write outside them; what it throws or
 * returns wrongly becomes one sentence that names plugin and transform. */
import { BadSampleError, expected, messageOf, parseOptions, RxaugError } from '../../core/index.js';
import type { PlanBuilder } from '../plan/plan.js';
import type { BatchOp, BatchPixels, Op } from '../transform/op.js';
import { claim, ownerOf, titleOf } from './owner.js';

/**
 * Code of a plugin failed or broke its contract. Streams add the id of the sample to the message.
 *
 * @example new PluginError("plugin 'lens': no aperture").name // → 'PluginError'
 */
export class PluginError extends RxaugError {
  override name = 'PluginError';
}

/** Runs a plugin's code. It may refuse a sample by a `BadSampleError`; all else is a fault of its own. */
export function tried<T>(title: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PluginError) throw error;
    const Kind = error instanceof BadSampleError ? BadSampleError : PluginError;
    throw new Kind(`${title}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The parameters that a transform draws. Those of a plugin are checked: a replay will parse them by the same schema.
 * A batch transform may draw nothing.
 */
export function drawnBy<P>(op: Pick<Op, 'name' | 'params'>, draw: () => P, nothingToo = false): P {
  if (ownerOf(op) === undefined) return draw();
  return tried(titleOf(op), () => {
    const params = draw();
    if (params === undefined && nothingToo) return params;
    return parseOptions('draw', op.params, params instanceof Promise ? 'a promise' : params) as P;
  });
}

export function guarded(op: Op): Op {
  const title = titleOf(op);
  return owned(op, {
    ...op,
    lower(params, plan) {
      const given = tried(title, () => op.lower(params, watched(plan, title, op.name))) as unknown;
      if (given instanceof Promise) given.catch(() => undefined); // one error is enough
      nothing(title, 'lower', given);
    },
  });
}

function owned<T extends object>(from: T, to: T): T {
  claim(to, ownerOf(from) ?? '');
  return to;
}

export function guardedBatch(op: BatchOp): BatchOp {
  const title = titleOf(op);
  return owned(op, {
    ...op,
    apply: (params, pixels) =>
      tried(title, () => {
        const data = pixels.data.slice();
        nothing(title, 'apply', op.apply(params, { ...pixels, data }));
        pixels.data.set(whole(title, 'apply', data, pixels.data.length));
      }),
    targets: (params, soft, pixels: Omit<BatchPixels, 'data'>) =>
      tried(title, () => {
        const copy = soft.slice();
        nothing(title, 'targets', op.targets(params, copy, pixels));
        if (!copy.every((share) => share >= 0)) {
          throw new PluginError(
            `${title}: targets: expected shares ≥ 0 but it wrote other values; keep each row a distribution`,
          );
        }
        soft.set(whole(title, 'targets', copy, soft.length));
      }),
  });
}

/** The builder as a plugin sees it. */
function watched(plan: PlanBuilder, title: string, op: string): PlanBuilder {
  const watch: Partial<PlanBuilder> = {
    row(name, run, fast) {
      if (fast !== undefined) {
        throw new PluginError(
          `${title}: row: plugins cannot use built-in kernels; remove the third argument`,
        );
      }
      plan.row(`${op}.${name}`, guardedRow(title, run));
    },
    filter(name, run) {
      plan.filter(`${op}.${name}`, (input, output, width, height, tools) =>
        tried(title, () => {
          const made = new Uint8Array(output.length);
          nothing(title, 'filter', run(input.slice(), made, width, height, tools));
          output.set(whole(title, 'filter', made, output.length));
        }),
      );
    },
    lookUp(tables) {
      if (typeof tables !== 'function') return plan.lookUp(table(title, 'lookUp', tables));
      plan.lookUp((value) => {
        const to = tables(value);
        if (typeof to === 'number' && !Number.isNaN(to)) return to;
        throw new PluginError(`${title}: ${expected('lookUp', `a number for ${value}`, to)}`);
      });
    },
    fromMeanLuma(then) {
      plan.fromMeanLuma((mean) => tried(title, () => table(title, 'fromMeanLuma', then(mean))));
    },
    fromHistogram(name, then, ends) {
      plan.fromHistogram(
        `${op}.${name}`,
        (counts) => tried(title, () => table(title, 'fromHistogram', then(counts))),
        ends,
      );
    },
    geometry(matrix, width, height, options) {
      if (![width, height].every(isSide)) {
        throw new PluginError(
          `${title}: ${expected('geometry', 'whole numbers in 1..65535 for width and height', [width, height])}`,
        );
      }
      if (!Array.isArray(matrix) || matrix.length !== 6 || !matrix.every(Number.isFinite)) {
        throw new PluginError(`${title}: ${expected('geometry', 'a matrix of 6 finite numbers', matrix)}`);
      }
      plan.geometry(matrix, width, height, options);
    },
    warp(warp) {
      const { row, forward, width, height } = warp ?? {};
      if (typeof row !== 'function' || typeof forward !== 'function' || ![width, height].every(isSide)) {
        const what = '{ width, height, row, forward }: whole numbers in 1..65535 and two functions';
        throw new PluginError(`${title}: ${expected('warp', what, warp)}`);
      }
      plan.warp({
        ...warp,
        forward: (x, y) =>
          tried(title, () => {
            const at = forward(x, y);
            if (Array.isArray(at) && at.length === 2 && at.every(Number.isFinite)) return at;
            throw new PluginError(
              `${title}: ${expected(`warp: forward(${x}, ${y})`, 'two finite numbers', at, 'masks, boxes and keypoints follow it')}`,
            );
          }),
      });
    },
  };
  return new Proxy(plan, {
    get(target, key) {
      if (Object.hasOwn(watch, key)) return watch[key as keyof PlanBuilder];
      const value = Reflect.get(target, key, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const isSide = (side: unknown) =>
  Number.isInteger(side) && (side as number) >= 1 && (side as number) <= 65535;

function guardedRow(title: string, run: (row: Uint8Array, y: number) => unknown) {
  let copy = new Uint8Array(0);
  return (row: Uint8Array, y: number): void =>
    tried(title, () => {
      if (copy.length !== row.length) copy = new Uint8Array(row.length);
      copy.set(row);
      nothing(title, 'row', run(copy, y));
      row.set(whole(title, 'row', copy, row.length));
    });
}

function nothing(title: string, what: string, returned: unknown): void {
  if (returned === undefined) return;
  throw new PluginError(
    `${title}: ${expected(what, 'to write in place and return nothing', returned instanceof Promise ? 'a promise' : returned)}`,
  );
}

/** The memory that a plugin was given, if it still has its length afterwards. */
function whole<T extends Uint8Array | Float32Array>(title: string, what: string, data: T, length: number): T {
  if (data.length === length) return data;
  throw new PluginError(
    `${title}: ${what}: its memory of ${length} values was transferred away; do not transfer it`,
  );
}

function table(title: string, what: string, tables: unknown): Uint8Array {
  if (tables instanceof Uint8Array && tables.length === 768) return tables;
  throw new PluginError(`${title}: ${expected(what, 'a Uint8Array of 3 × 256 values', tables)}`);
}
