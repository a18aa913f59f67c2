import { z } from 'zod';
import { expected, parseOptions, type Scheduled, UsageError } from '../../core/index.js';
import {
  attention,
  classToken,
  dense,
  dropout,
  embeddingDropout,
  gelu,
  type Layer,
  layerNorm,
  patchEmbedding,
  positionEmbedding,
  residual,
  sequential,
  tokenPool,
} from '../layers/index.js';
import { rateSchema } from '../layers/masks.js';
import { depthLayer, networkDepthSchema } from '../layers/stochastic-depth.js';
import type { Model } from './model.js';
import { timm } from './weight-layout.js';

export const vitOptions = z.strictObject({
  /** Side of the patches in pixels; the image's sides are multiples of it. Default 4. */
  patch: z.int().min(1).default(4),
  /** Numbers in a token, a multiple of `heads`. Default 128. */
  width: z.int().min(1).default(128),
  /** Number of blocks. Default 6. */
  depth: z.int().min(1).default(6),
  /** Heads of each attention layer. Default 4. */
  heads: z.int().min(1).default(4),
  /** Hidden units of a block's mlp, as a multiple of the width. Default 2. */
  mlpRatio: z.number().positive().default(2),
  /** What the head reads: a class token, or the mean of all tokens (and there is no class token). Default 'class'. */
  pool: z.enum(['class', 'mean']).default('class'),
  /** Default 'erf'. */
  gelu: z.enum(['erf', 'tanh']).default('erf'),
  /** Dropout rate of embedded tokens, after attention and in the mlp, in 0..0.999: a number or a schedule. Default 0. */
  dropout: rateSchema.default(0),
  /** Dropout rate of attention weights after the softmax. Default 0. */
  attentionDropout: rateSchema.default(0),
  /** Dropout rate of whole patches, whose position stays; the class token is never dropped. Default 0. */
  embeddingDropout: rateSchema.default(0),
  /** Drop rate of the last block, to which those before it rise linearly; or { rate, mode, form }. Default 0. */
  stochasticDepth: networkDepthSchema.default(0),
});
type VitOptions = z.output<typeof vitOptions>;

/**
 * Vision Transformer (Dosovitskiy et al., "An image is worth 16×16 words", 2021), sized for small images: patches as tokens,
 * a learned class token and learned positions, `depth` pre-norm blocks x ← x + attention(norm(x)),
 * x ← x + mlp(norm(x)) with GELU, a last norm, and a dense head on the class token or on the mean of the tokens. Dropout is
 * where the paper has it: on the embedded tokens, and after each dense layer but that of queries, keys and values.
 * Stochastic depth (Huang et al., 2016) drops each of the two branches of a block, at a rate that rises linearly with
 * depth. Images [B, H, W, C] → logits [B, classes].
 *
 * @throws UsageError if an option is out of range or the width is no multiple of the heads; when it is built, if the
 * image's sides are no multiples of the patch.
 * @example
 * vit({ width: 192, depth: 12, heads: 3 }).name // → 'vit-12x192-4'
 */
export function vit(options: z.input<typeof vitOptions> = {}): Model {
  const parsed = parseOptions('vit', vitOptions, options);
  const { patch, width, depth, heads, pool } = parsed;
  if (width % heads !== 0) {
    throw new UsageError(
      expected('vit', `a width that is a multiple of ${heads} heads`, width, 'change one of them'),
    );
  }
  return {
    name: `vit-${depth}x${width}-${patch}`,
    config: { model: 'vit', ...parsed },
    // timm's have a class token; where they pool tokens, their last norm is another.
    ...(pool === 'class' && { weights: timm }),
    layers: (classes) =>
      sequential([
        patchEmbedding(width, { patch, name: 'patches' }),
        ...when(parsed.embeddingDropout, (rate) => embeddingDropout(rate)),
        ...(pool === 'class' ? [classToken({ name: 'class' })] : []),
        positionEmbedding({ name: 'position' }),
        ...when(parsed.dropout, (rate) => dropout(rate)),
        ...Array.from({ length: depth }, (_, i) => block(parsed, i + 1)),
        layerNorm({ epsilon: EPSILON, name: 'norm' }),
        tokenPool({ mode: pool === 'class' ? 'first' : 'mean' }),
        dense(classes, { initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}

const noiseOptions = vitOptions.pick({
  dropout: true,
  attentionDropout: true,
  embeddingDropout: true,
  stochasticDepth: true,
});

/**
 * ViT-S/16 for photos of 224 pixels (Touvron et al., "Training data-efficient image transformers", 2021), as timm's
 * `vit_small_patch16_224`, so that its weights fit: `vit` with patches of 16 pixels, a width of 384, 12 blocks, 6 heads and
 * an mlp four times as wide. 22,050,664 parameters for a thousand classes. The positions are of one size of image.
 *
 * @param options The rates of its dropouts, as in `vit`.
 * @throws UsageError if an option is out of range.
 * @example
 * vitS16({ stochasticDepth: 0.1 }).name // → 'vit-12x384-16'
 */
export function vitS16(options: z.input<typeof noiseOptions> = {}): Model {
  const noise = parseOptions('vitS16', noiseOptions, options);
  return vit({ patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4, ...noise });
}

/** ε of layer norm in the paper. */
const EPSILON = 1e-6;

/** Both halves of a block, as two residual layers: 'block1/attention' and 'block1/mlp'. */
function block(options: VitOptions, l: number): Layer {
  const { width, depth, heads, mlpRatio, gelu: form } = options;
  const norm = () => layerNorm({ epsilon: EPSILON, name: 'norm' });
  const dropped = (name: string) => when(options.dropout, (rate) => dropout(rate, { name }));
  const skipped = () => {
    const layer = depthLayer(options.stochasticDepth, l, depth);
    return layer ? [layer] : [];
  };
  const half = (name: string, layers: Layer[]) => residual(sequential(layers), { name });
  return sequential(
    [
      half('attention', [
        norm(),
        attention(heads, { dropout: options.attentionDropout, name: 'attention' }),
        ...dropped('dropout'),
        ...skipped(),
      ]),
      half('mlp', [
        norm(),
        dense(Math.round(mlpRatio * width), { initializer: 'lecunNormal', name: 'hidden' }),
        gelu({ form }),
        ...dropped('dropout1'),
        dense(width, { initializer: 'lecunNormal', name: 'out' }),
        ...dropped('dropout2'),
        ...skipped(),
      ]),
    ],
    { name: `block${l}` },
  );
}

/** No layer at all if the rate is 0. */
function when(rate: Scheduled, layer: (rate: Scheduled) => Layer): Layer[] {
  return rate === 0 ? [] : [layer(rate)];
}
