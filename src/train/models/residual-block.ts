/** The two blocks of residual networks (He et al., "Deep residual learning for image recognition", 2016). */
import { batchNorm, conv2d, type Layer, relu, residual, sequential, subsample } from '../layers/index.js';

/** A 3×3 convolution without bias that pads one pixel on each side. */
export function conv3x3(filters: number, stride = 1, name = 'conv'): Layer {
  return conv2d(filters, { stride, padding: 1, bias: false, name });
}

/** A 1×1 convolution without bias. */
function conv1x1(filters: number, stride = 1, name = 'conv'): Layer {
  return conv2d(filters, { kernel: 1, stride, padding: 'valid', bias: false, name });
}

interface BlockOptions {
  /** Of its 3×3 convolutions. */
  readonly filters: number;
  readonly stride: number;
  /** Stochastic depth of the block. */
  readonly drop?: Layer;
  readonly name: string;
}

/** A shortcut that changes the number of channels, the stride, or both. */
function projection(filters: number, stride: number): Layer {
  return sequential([conv1x1(filters, stride), batchNorm({ name: 'norm' })]);
}

/**
 * Two 3×3 convolutions, the first with the stride. Where the stride is more than 1 the shortcut is 'A', which subsamples
 * and pads with zero channels, or 'B', a 1×1 convolution with batch norm.
 */
export function basicBlock({
  filters,
  stride,
  shortcut,
  drop,
  name,
}: BlockOptions & { readonly shortcut: 'A' | 'B' }): Layer {
  const bridge = () => (shortcut === 'A' ? subsample(filters, { stride }) : projection(filters, stride));
  return residual(
    sequential([
      conv3x3(filters, stride, 'conv1'),
      batchNorm({ name: 'norm1' }),
      relu(),
      conv3x3(filters, 1, 'conv2'),
      batchNorm({ name: 'norm2' }),
      ...(drop ? [drop] : []),
    ]),
    { name, ...(stride > 1 && { shortcut: bridge() }), after: relu() },
  );
}

/** Channels of a bottleneck's output, for each one of its 3×3 convolution. */
const EXPANSION = 4;

/**
 * 1×1, 3×3 and 1×1 convolutions, the last to four times as many channels. The stride is that of the 3×3 convolution
 * ("v1.5", as in torchvision), not of the first one. `widens`: the output has more channels than the input.
 */
export function bottleneck({
  filters,
  stride,
  widens,
  drop,
  name,
}: BlockOptions & { readonly widens: boolean }): Layer {
  const wide = EXPANSION * filters;
  return residual(
    sequential([
      conv1x1(filters, 1, 'conv1'),
      batchNorm({ name: 'norm1' }),
      relu(),
      conv3x3(filters, stride, 'conv2'),
      batchNorm({ name: 'norm2' }),
      relu(),
      conv1x1(wide, 1, 'conv3'),
      batchNorm({ name: 'norm3' }),
      ...(drop ? [drop] : []),
    ]),
    { name, ...((widens || stride > 1) && { shortcut: projection(wide, stride) }), after: relu() },
  );
}
