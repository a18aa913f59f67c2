import { defer, type MonoTypeOperatorFunction } from 'rxjs';
import { finalize } from 'rxjs/operators';
import { z } from 'zod';
import { mainThreadMark } from '../augment/index.js';
import {
  BadSampleError,
  expected,
  type Label,
  messageOf,
  parseOptions,
  RxaugError,
  Sample,
} from '../core/index.js';
import { linked } from '../core/lineage.js';
import { expectItems } from '../core/order.js';
import { decoderSchema } from '../io/decode/decode.js';
import { mapAsync } from './map-async.js';
import { type RenderedSample, Renderer } from './renderer.js';

/** What the function of `mapPixels` receives: one image with its draws so far rendered. */
export interface PixelsIn {
  /** [H, W, 3] uint8; it may be changed in place. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly label: Label;
  readonly id: string;
}

/**
 * What the function of `mapPixels` returns: the pixels, [H, W, 3] uint8, or an object if the size has changed. Without a
 * result, the pixels it received are kept with its changes.
 */
export type PixelsOut =
  | Uint8Array
  | Uint8ClampedArray
  | { readonly data: Uint8Array | Uint8ClampedArray; readonly width: number; readonly height: number }
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that returns nothing
  | void;

const options = z.strictObject({
  /** Name in error messages and `rxaug explain`; default the function's own name. */
  name: z.string().min(1).optional(),
  /** URLs of modules whose transforms come before it. */
  modules: z.array(z.string()).default([]),
  /** Limits on images: the same as those of `batch`. */
  decoder: decoderSchema.prefault({}),
});

/**
 * Runs a function of your own over the pixels of each image, uint8 [H, W, 3] in and out, on the main thread. The image is
 * decoded and its draws so far are rendered first; the result is the image for all that follows. For speed, make the
 * function a transform of a plugin: it then runs in the workers, together with the other transforms.
 *
 * The main thread is not guarded: a function (or a plugin's transform before it) that never returns, or ends the process,
 * stops the whole run. Behind `batch`, in workers, such a transform is stopped after `hangSeconds`.
 *
 * Boxes and keypoints follow the draws before it; a sample that has any, or a mask, must keep its size.
 *
 * @param fn may change `data` in place, or return new pixels; may be async
 * @param given `name` in messages and `rxaug explain` (default the function's own), `modules` with transforms that come
 * before it, `decoder` limits as in `batch`
 * @throws UsageError for bad options; the stream fails with RxaugError if the function throws or returns something else
 *
 * @example
 * const negative$ = imageFolder('photos').pipe(
 *   mapPixels(({ data }) => data.map((v) => 255 - v)),
 *   batch(4),
 * );
 * for await (const b of pull(negative$)) b.dispose();
 */
export function mapPixels(
  fn: (pixels: PixelsIn) => PixelsOut | Promise<PixelsOut>,
  given: z.input<typeof options> = {},
): MonoTypeOperatorFunction<Sample> {
  parseOptions(
    'mapPixels',
    z.custom(() => typeof fn === 'function', 'expected a function'),
    fn,
  );
  const { name = fn.name || 'function', modules, decoder } = parseOptions('mapPixels', options, given);
  const title = `mapPixels '${name}'`;
  return (source) => {
    expectItems('mapPixels', 'samples', source);
    const mapped = defer(() => {
      const made = Renderer.create({ modules, decoder });
      made.catch(() => undefined); // reported by the first sample
      return source.pipe(
        mapAsync(async (sample: Sample) => {
          const mark = mainThreadMark(name, sample.recipe);
          const renderer = await made;
          const before = await renderer.renderAlone(sample).catch(reasonOf);
          // It is counted as bad when the batch renders it.
          if (typeof before === 'string') return sample.drawn([mainThreadMark(name, [], before)]);
          const { id, label } = sample;
          const { data, width, height } = before;
          let out: PixelsOut;
          try {
            out = await fn({ data, width, height, label, id });
          } catch (error) {
            throw new RxaugError(`${title}: ${messageOf(error)}; sample ${id}`, { cause: error });
          }
          return after(title, sample, before, out, mark);
        }),
        finalize(
          () =>
            void made.then(
              (renderer) => renderer.dispose(),
              () => undefined,
            ),
        ),
      );
    });
    return linked(mapped, { from: source, opaque: title });
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof BadSampleError) return error.message;
  throw error;
}

/** The sample with these pixels: its recipe starts empty. */
function after(
  title: string,
  sample: Sample,
  before: RenderedSample,
  out: PixelsOut,
  mark: ReturnType<typeof mainThreadMark>,
): Sample {
  const wrong = (what: string, received: unknown) =>
    new RxaugError(`${expected(title, what, received)}; sample ${sample.id}`);
  const given = out ?? before.data;
  const made = ArrayBuffer.isView(given)
    ? { data: given, width: before.width, height: before.height }
    : given;
  const { data, width, height } = made as { data: unknown; width: number; height: number };
  if (!(data instanceof Uint8Array || data instanceof Uint8ClampedArray)) {
    throw wrong('a Uint8Array of pixels, or { data, width, height }', data ?? given);
  }
  if (![width, height].every((side) => Number.isInteger(side) && side >= 1)) {
    throw wrong('whole numbers ≥ 1 for width and height', [width, height]);
  }
  if (data.length !== 3 * width * height) {
    throw wrong(`3 × ${width} × ${height} = ${3 * width * height} values`, data.length);
  }
  const { targets } = before;
  if (targets && (width !== before.width || height !== before.height)) {
    throw wrong(
      `${before.width}×${before.height} pixels, because masks, boxes and keypoints are not changed,`,
      `${width}×${height}`,
    );
  }
  const { id, index, epoch, progress, label, origin, position, key } = sample;
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length);
  const image = { kind: 'pixels', data: bytes, width, height, channels: 3 } as const;
  return new Sample({ id, index, epoch, progress, image, label, targets, origin }, [mark], position + 1, key);
}
