/** What published files of weights call the tensors of a model, and how they lay them out. */
import { RxaugError } from '../../core/index.js';
import type { Shape } from '../layers/param-spec.js';

/** A tensor of a model, as a file of weights has it. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * The layout of a library's weights. Kernels are [out, in, height, width] and [out, in] there, where ours are
 * [height, width, in, out] and [in, out].
 */
export interface WeightLayout {
  /** The library: 'torchvision'. */
  readonly title: string;
  /** Our layer whose output are the logits. */
  readonly head: string;
  /** What a file calls a parameter or statistic of ours, whose shape is that of the file. */
  stored(name: string, shape: Shape): StoredTensor;
  /** Whether a tensor of a file is no weight: a counter. */
  counts(name: string): boolean;
}

/** A norm's parts and a layer's parts, by our names. */
const PARTS: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  scale: 'weight',
  shift: 'bias',
  mean: 'running_mean',
  variance: 'running_var',
};

/** ResNets of torchvision: 'stage1/block2/norm1/scale' is 'layer1.1.bn1.weight'. timm's have the same names. */
export const torchvision: WeightLayout = {
  title: 'torchvision',
  head: 'head',
  stored(name, shape) {
    const path = name.split('/');
    const part = PARTS[path.pop() as string];
    const [first, block, ...rest] = path;
    const at = (own: string) => ({ name: `${own}.${part}`, shape });
    if (part === undefined) throw unknown('torchvision', name);
    if (first === 'head') return at('fc');
    if (first === 'stem') return at(block === 'conv' ? 'conv1' : 'bn1');
    const [stage, nth] = [numberIn('stage', first), numberIn('block', block)];
    if (stage === undefined || nth === undefined || rest.length === 0) throw unknown('torchvision', name);
    const inside =
      rest[0] === 'shortcut'
        ? `downsample.${rest[1] === 'conv' ? 0 : 1}`
        : (rest[0] as string).replace('norm', 'bn');
    return at(`layer${stage}.${nth - 1}.${inside}`);
  },
  counts: (name) => name.endsWith('.num_batches_tracked'),
};

/** By our name within a block of a ViT. */
const IN_BLOCK: Readonly<Record<string, string>> = {
  'attention/norm/scale': 'norm1.weight',
  'attention/norm/shift': 'norm1.bias',
  'attention/attention/qkv': 'attn.qkv.weight',
  'attention/attention/qkvBias': 'attn.qkv.bias',
  'attention/attention/out': 'attn.proj.weight',
  'attention/attention/outBias': 'attn.proj.bias',
  'mlp/norm/scale': 'norm2.weight',
  'mlp/norm/shift': 'norm2.bias',
  'mlp/hidden/kernel': 'mlp.fc1.weight',
  'mlp/hidden/bias': 'mlp.fc1.bias',
  'mlp/out/kernel': 'mlp.fc2.weight',
  'mlp/out/bias': 'mlp.fc2.bias',
};

const AROUND_BLOCKS: Readonly<Record<string, string>> = {
  'patches/kernel': 'patch_embed.proj.weight',
  'patches/bias': 'patch_embed.proj.bias',
  'class/token': 'cls_token',
  'position/table': 'pos_embed',
  'norm/scale': 'norm.weight',
  'norm/shift': 'norm.bias',
  'head/kernel': 'head.weight',
  'head/bias': 'head.bias',
};

/** Vision transformers of timm: 'block1/mlp/hidden/kernel' is 'blocks.0.mlp.fc1.weight'. */
export const timm: WeightLayout = {
  title: 'timm',
  head: 'head',
  stored(name, shape) {
    const around = AROUND_BLOCKS[name];
    // Both are one row for every image there.
    if (around === 'cls_token' || around === 'pos_embed') return { name: around, shape: [1, ...shape] };
    if (around !== undefined) return { name: around, shape };
    const cut = name.indexOf('/');
    const nth = numberIn('block', name.slice(0, cut));
    const inside = IN_BLOCK[name.slice(cut + 1)];
    if (nth === undefined || inside === undefined) throw unknown('timm', name);
    return { name: `blocks.${nth - 1}.${inside}`, shape };
  },
  counts: () => false,
};

function numberIn(kind: string, part: string | undefined): number | undefined {
  const found = part?.match(/^([a-z]+)(\d+)$/);
  return found?.[1] === kind ? Number(found[2]) : undefined;
}

const unknown = (title: string, name: string) =>
  new RxaugError(`${title}: has no name for '${name}' of the model; train this model from its first values`);
