/**
 * Vision Transformer (Dosovitskiy et al., "An image is worth 16×16 words", 2021), of a size for small images:
 * patches as tokens, a learned class token and learned positions, `depth` pre-norm blocks
 * x ← x + attention(norm(x)), x ← x + mlp(norm(x)) with GELU, a last norm, and a dense head on the class token
 * or on the mean of the tokens. Dropout stands where the paper has it: on the embedded tokens and behind every
 * dense layer but that of queries, keys and values. Stochastic depth (Huang et al., 2016) drops each of the two
 * branches of a block, at a rate that rises linearly with depth.
 */
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

export const vitOptions = z.strictObject({
  /** Side of the patches; the image's sides are multiples of it. */
  patch: z.int().min(1).default(4),
  /** Numbers in a token; a multiple of `heads`. */
  width: z.int().min(1).default(128),
  depth: z.int().min(1).default(6),
  heads: z.int().min(1).default(4),
  /** Hidden units of a block's mlp, times the width. */
  mlpRatio: z.number().positive().default(2),
  /** What the head reads: a class token, or the mean of all tokens, without one. */
  pool: z.enum(['class', 'mean']).default('class'),
  gelu: z.enum(['erf', 'tanh']).default('erf'),
  /** Of numbers: in embedded tokens, behind attention and in the mlp. */
  dropout: rateSchema.default(0),
  /** Of attention weights, after the softmax. */
  attentionDropout: rateSchema.default(0),
  /** Of whole patches, which leave their position behind; never of the class token. */
  embeddingDropout: rateSchema.default(0),
  /** Drop rate of the last block, to which those before it rise linearly; or { rate, mode, form }. */
  stochasticDepth: networkDepthSchema.default(0),
});
type VitOptions = z.output<typeof vitOptions>;

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
    layers: (classes) =>
      sequential([
        patchEmbedding({ patch, width, name: 'patches' }),
        ...when(parsed.embeddingDropout, (rate) => embeddingDropout({ rate })),
        ...(pool === 'class' ? [classToken({ name: 'class' })] : []),
        positionEmbedding({ name: 'position' }),
        ...when(parsed.dropout, (rate) => dropout({ rate })),
        ...Array.from({ length: depth }, (_, i) => block(parsed, i + 1)),
        layerNorm({ epsilon: EPSILON, name: 'norm' }),
        tokenPool({ mode: pool === 'class' ? 'first' : 'mean' }),
        dense({ units: classes, initializer: 'lecunNormal', name: 'head' }),
      ]),
  };
}

/** The paper's. */
const EPSILON = 1e-6;

/** Both halves of a block, as two residual layers: 'block1/attention' and 'block1/mlp'. */
function block(options: VitOptions, l: number): Layer {
  const { width, depth, heads, mlpRatio, gelu: form } = options;
  const norm = () => layerNorm({ epsilon: EPSILON, name: 'norm' });
  const dropped = (name: string) => when(options.dropout, (rate) => dropout({ rate, name }));
  const skipped = () => {
    const layer = depthLayer(options.stochasticDepth, l, depth);
    return layer ? [layer] : [];
  };
  const half = (name: string, layers: Layer[]) => residual({ name, body: sequential(layers) });
  return sequential(
    [
      half('attention', [
        norm(),
        attention({ heads, dropout: options.attentionDropout, name: 'attention' }),
        ...dropped('dropout'),
        ...skipped(),
      ]),
      half('mlp', [
        norm(),
        dense({ units: Math.round(mlpRatio * width), initializer: 'lecunNormal', name: 'hidden' }),
        gelu({ form }),
        ...dropped('dropout1'),
        dense({ units: width, initializer: 'lecunNormal', name: 'out' }),
        ...dropped('dropout2'),
        ...skipped(),
      ]),
    ],
    { name: `block${l}` },
  );
}

/** No layer at all where nothing is ever dropped. */
function when(rate: Scheduled, layer: (rate: Scheduled) => Layer): Layer[] {
  return rate === 0 ? [] : [layer(rate)];
}
