/** Rendering on the calling thread for who has one image and no stream: one renderer, kept for the next image. */
import type { Sample } from '../core/index.js';
import { type RenderedSample, Renderer, type RendererOptions } from './renderer.js';
import { withEverywhere } from './workers/worker-modules.js';

type Rendered = RenderedSample<Uint8Array | Float32Array>;

/** Pixels from which on a renderer is not kept: its memory never shrinks. */
const LARGE = 16e6;

interface Kept {
  readonly name: string;
  readonly renderer: Promise<Renderer>;
  /** A renderer serves one image at a time. */
  last: Promise<unknown>;
}

let kept: Kept | undefined;

/** Pixels of a sample after its draws: float32 where they normalize, or where `dtype` asks for it. */
export function renderOnce(sample: Sample, options: RendererOptions, dtype?: 'float32'): Promise<Rendered> {
  const name = JSON.stringify([options, withEverywhere(options.modules)]);
  if (kept?.name !== name) {
    if (kept) release(kept);
    const made: Kept = { name, renderer: Renderer.create(options), last: Promise.resolve() };
    made.renderer.catch(() => release(made)); // reported by who waits for it
    kept = made;
  }
  const own = kept;
  const result = own.last.then(async () => (await own.renderer).renderAny(sample, dtype));
  own.last = result.then(
    ({ width, height }) => {
      if (width * height > LARGE) release(own);
    },
    () => undefined,
  );
  return result;
}

/** Keeps a renderer no longer, and disposes of it once the images that wait for it are rendered. */
function release(old: Kept): void {
  if (kept === old) kept = undefined;
  void old.last
    .then(() => old.renderer)
    .then(
      (renderer) => renderer.dispose(),
      () => undefined,
    );
}
