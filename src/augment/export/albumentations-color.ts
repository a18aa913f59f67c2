/** Values, noise, blur and holes in albumentations' words. */
import { fill, pair, plain } from './albumentations-look.js';
import { call, code, dict, type Py, tuple } from './python.js';
import { cannot, isFixed, rounded, type Table } from './scribe.js';

type Pair = readonly [number, number];
const LEFT_ALONE: Pair = [1, 1];

/** All that is not named would be jittered by the defaults. */
const jitter = (
  given: Partial<Record<'brightness' | 'contrast' | 'saturation' | 'hue', Pair>>,
  p: number,
) => {
  const { brightness = LEFT_ALONE, contrast = LEFT_ALONE, saturation = LEFT_ALONE, hue = [0, 0] } = given;
  return call('A.ColorJitter', [], {
    brightness: pair(brightness),
    contrast: pair(contrast),
    saturation: pair(saturation),
    hue: pair(hue as Pair),
    p,
  });
};

const around = (d: number): Pair => [Math.max(0, 1 - d), 1 + d];

export const COLOR: Table = {
  brightness: ({ factor, p }) => jitter({ brightness: factor }, p),
  contrast: ({ factor, p }) => jitter({ contrast: factor }, p),
  saturation: ({ factor, p }) => jitter({ saturation: factor }, p),
  hue: ({ shift, p }) => jitter({ hue: shift }, p),
  colorJitter(o) {
    const { brightness: b, contrast: c, saturation: s, hue: h } = o as unknown as Record<string, number>;
    const amounts = {
      brightness: around(b as number),
      contrast: around(c as number),
      saturation: around(s as number),
    };
    return jitter({ ...amounts, hue: [0 - (h as number), h as number] }, o.p);
  },
  grayscale: plain('ToGray', { method: 'weighted_average' }),
  toGray({ methods, p }) {
    const grays = methods.map((method) =>
      call('A.ToGray', [], { method: GRAYS[method], p: methods.length === 1 ? p : 1 }),
    );
    return grays.length === 1 ? grays : call('A.OneOf', [grays], { p });
  },
  invert: plain('InvertImg'),
  autocontrast: ({ cutoff, p }) => call('A.AutoContrast', [], { cutoff, method: 'pil', p }),
  posterize: ({ bits, p }) => call('A.Posterize', [], { num_bits: pair(rounded(bits)), p }),
  solarize({ threshold, p }) {
    if (threshold[0] > 255 && isFixed(threshold)) return [];
    if (threshold[1] > 255)
      cannot('solarize', 'albumentations has thresholds up to 255', 'use threshold ≤ 255');
    return call('A.Solarize', [], { threshold_range: tuple(...threshold.map(share)), p });
  },
  gamma({ gamma, p }) {
    if (!isFixed(gamma))
      cannot(
        'gamma',
        'albumentations draws it evenly where this draws its logarithm evenly',
        'use one value',
      );
    return call('A.RandomGamma', [], { gamma_limit: tuple(...gamma.map((g) => code(`100 * ${g}`))), p });
  },
  rgbShift: ({ red, green, blue, p }) =>
    call('A.RGBShift', [], {
      r_shift_limit: pair(red),
      g_shift_limit: pair(green),
      b_shift_limit: pair(blue),
      p,
    }),
  channelShuffle({ p }) {
    if (p > 5 / 6)
      cannot('channelShuffle', 'albumentations counts the old order among the six', 'use p ≤ 5/6');
    return call('A.ChannelShuffle', [], { p: code(`${p} * 6 / 5`) });
  },
  channelDropout: ({ count, fill: value, p }) =>
    call('A.ChannelDropout', [], {
      channel_drop_range: pair(rounded(count as unknown as Pair)),
      fill: value as number,
      p,
    }),
  boxBlur: (o) => call('A.Blur', [], { blur_limit: odd('boxBlur', o.size as Pair), p: o.p }),
  medianBlur: (o) => call('A.MedianBlur', [], { blur_limit: odd('medianBlur', o.size as Pair), p: o.p }),
  gaussianBlur: ({ sigma, p }) =>
    sigma[1] === 0 ? [] : call('A.GaussianBlur', [], { blur_limit: 0, sigma_limit: pair(sigma), p }),
  gaussianNoise: ({ sigma, perChannel, p }) =>
    call('A.GaussNoise', [], {
      std_range: pair(sigma),
      mean_range: pair([0, 0]),
      per_channel: perChannel,
      p,
    }),
  jpegCompression({ quality, subsampling, p }) {
    if (subsampling !== '4:2:0')
      cannot('jpegCompression', 'albumentations halves the resolution of colors', "use subsampling '4:2:0'");
    return call('A.ImageCompression', [], {
      compression_type: 'jpeg',
      quality_range: pair(rounded(quality)),
      p,
    });
  },
  downscale: ({ scale, down, up, p }) =>
    call('A.Downscale', [], {
      scale_range: pair(scale),
      interpolation_pair: dict({
        downscale: code(`cv2.INTER_${down === 'area' ? 'AREA' : 'NEAREST_EXACT'}`),
        upscale: code(`cv2.INTER_${up === 'bilinear' ? 'LINEAR' : 'NEAREST_EXACT'}`),
      }),
      p,
    }),

  coarseDropout(o, scribe) {
    const holes = rounded(o.holes);
    if (holes[0] < 1) cannot('coarseDropout', 'albumentations makes one hole at least', 'use holes [1, n]');
    if (o.height[1] >= 1)
      cannot('coarseDropout', 'albumentations takes a height of 1 for a pixel', 'stay below 1');
    if (o.fill === 'noise' && scribe.normalized)
      cannot(
        'coarseDropout',
        "albumentations' noise is in [0, 1] after normalize",
        'put it before normalize',
      );
    return call('A.CoarseDropout', [], {
      num_holes_range: pair(holes),
      hole_height_range: pair(o.height),
      hole_width_range: pair(o.width),
      fill: o.fill === 'noise' ? 'random' : fill(o.fill),
      p: o.p,
    });
  },
  pixelDropout({ share, perChannel, fill: value, p }) {
    if (!isFixed(share))
      cannot('pixelDropout', 'albumentations drops one share of the pixels', 'use one share');
    if (value === 'noise')
      cannot('pixelDropout', 'albumentations has one random color, not noise', 'use a color');
    return call('A.PixelDropout', [], {
      dropout_prob: share[0],
      per_channel: perChannel,
      drop_value: fill(value),
      p,
    });
  },
};

const GRAYS = {
  luma: 'weighted_average',
  mean: 'average',
  max: 'max',
  desaturation: 'desaturation',
} as const;

/** A threshold as a share of 255 that multiplies back to no more than itself: it is compared with ≥. */
function share(threshold: number): Py {
  const of = threshold / 255;
  return of * 255 <= threshold ? code(`${threshold} / 255`) : of - 2 ** -53;
}

/** Odd ends of a range of kernel sizes; albumentations would round an even upper end up. */
function odd(op: string, [low, high]: Pair): Py {
  const [first, last] = [2 * Math.ceil((low - 1) / 2) + 1, 2 * Math.floor((high - 1) / 2) + 1];
  if (first < 3) cannot(op, 'albumentations begins with 3 pixels', 'use size ≥ 3');
  return pair([first, Math.max(first, last)]);
}
