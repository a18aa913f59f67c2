/**
 * Our transforms as torchvision's (transforms.v2, functions checked in 0.29). Its own class where that does the same;
 * else a small class out of its functional operations, see `classes`. Angles of RandomRotation are
 * counter-clockwise and ours clockwise; sides of RandomErasing are height over width and ours width over height.
 */
import { call, code, type Py } from './python.js';
import {
  cannot,
  type Entry,
  isBlack,
  isFixed,
  isZero,
  multipleOf,
  negated,
  type Options,
  rounded,
  sidesOf,
  type Table,
  type Target,
  withOdds,
} from './scribe.js';
import { POLICIES } from './torchvision-policies.js';
import { TIMM } from './torchvision-timm.js';

type Pair = readonly [number, number];

const MODES = { nearest: 'NEAREST', bilinear: 'BILINEAR', bicubic: 'BICUBIC', lanczos: 'LANCZOS' } as const;

/** For affine moves, whose nearest pixel is the nearest. */
const interpolation = (of: Options['interpolation']) =>
  of === 'nearest' ? undefined : code(`v2.InterpolationMode.${MODES[of]}`);
/** For resizing, where NEAREST is half a pixel off. */
const resampling = (of: Options['interpolation']) =>
  of === 'bilinear'
    ? undefined
    : code(`v2.InterpolationMode.${of === 'nearest' ? 'NEAREST_EXACT' : MODES[of]}`);
const fill = (of: Options['fill']): Py | undefined => (isBlack(of) ? undefined : (of as Py));
const border = (of: Options['border']) => (of === 'constant' ? undefined : of);

/** With probability p. */
const maybe = (p: number, ...transforms: readonly Py[]): Py =>
  p === 1 && transforms.length === 1
    ? (transforms[0] as Py)
    : call('v2.RandomApply', [transforms as Py[]], { p });

const still = (op: string, { border }: Options) =>
  border === 'constant' ||
  cannot(
    op,
    `torchvision fills outside the image with a color, not with border '${border}'`,
    "use border 'constant'",
  );

/** A class of ours; `name` as in classes. */
const own =
  (name: string, arguments_: (o: Options) => Readonly<Record<string, Py | undefined>>): Entry =>
  (o, scribe) => {
    scribe.use(name);
    return maybe(o.p, call(name, [], arguments_(o)));
  };

/** One factor or amount of ColorJitter. */
const jitter =
  (name: string, value: (o: Options) => Pair): Entry =>
  (o) =>
    maybe(o.p, call('v2.ColorJitter', [], { [name]: value(o) }));

/** The class of torchvision's own with a probability. */
const plain =
  (name: string): Entry =>
  ({ p }) =>
    call(`v2.${name}`, [], { p });

export const TABLE: Table = {
  horizontalFlip: plain('RandomHorizontalFlip'),
  verticalFlip: plain('RandomVerticalFlip'),
  transpose: own('Transpose', () => ({})),
  randomRotate90: own('QuarterTurn', ({ turns }) => ({ turns })),

  padCrop: own('PadCrop', (o) => ({
    ...lengthOf('padding', o.padding),
    padding_mode: border(o.border),
    fill: fill(o.fill),
  })),
  randomCrop: (o) => {
    const padding = Math.round(o.padding as number);
    const pads = padding > 0 && { padding, padding_mode: border(o.border), fill: fill(o.fill) };
    return maybe(o.p, call('v2.RandomCrop', [sidesOf(o.size)], { ...pads }));
  },
  centerCrop(o) {
    if (o.border !== 'constant' || !isBlack(o.fill))
      cannot(
        'centerCrop',
        'torchvision pads an image that is smaller with black',
        'use border constant and fill 0',
      );
    return maybe(o.p, call('v2.CenterCrop', [sidesOf(o.size)]));
  },
  padTo: own('PadTo', ({ size, border: mode, fill: color, position }) => ({
    ...(multipleOf(size) ? { multiple_of: multipleOf(size) } : { size: sidesOf(size) }),
    position: position === 'center' ? undefined : position,
    padding_mode: border(mode),
    fill: fill(color),
  })),
  resize(o) {
    const [height, width] = sidesOf(o.size);
    if (o.keepRatio && height !== width)
      cannot(
        'resize',
        'torchvision keeps the ratio for one length of the shorter side',
        'give one number as size',
      );
    const size = o.keepRatio ? height : [height, width];
    return maybe(
      o.p,
      call('v2.Resize', [size], { interpolation: resampling(o.interpolation), antialias: smooth(o) }),
    );
  },
  smallestMaxSize: own('Rescale', (o) => ({ shorter: o.size as number, ...scaling(o) })),
  longestMaxSize: own('Rescale', (o) => ({ longer: o.size as number, ...scaling(o) })),
  randomScale: own('Rescale', (o) => ({ factor: o.factor, ...scaling(o) })),
  randomResizedCrop: (o) =>
    maybe(
      o.p,
      call('v2.RandomResizedCrop', [sidesOf(o.size)], {
        scale: o.scale,
        ratio: o.ratio,
        interpolation: resampling(o.interpolation),
        antialias: smooth(o),
      }),
    ),

  rotate(o) {
    still('rotate', o);
    const look = { interpolation: interpolation(o.interpolation), fill: fill(o.fill) };
    return maybe(o.p, call('v2.RandomRotation', [negated(o.angle)], look));
  },
  affine(o) {
    still('affine', o);
    const [x, y] = [o.shearX, o.shearY];
    return maybe(
      o.p,
      moved({
        degrees: o.rotate,
        translate: o.translate,
        scale: o.scale,
        shear: isZero(x) && isZero(y) ? undefined : [...x, ...y],
        look: o,
      }),
    );
  },
  shiftScaleRotate(o) {
    still('shiftScaleRotate', o);
    const [low, high] = o.shift;
    if (low !== -high)
      cannot('shiftScaleRotate', 'torchvision shifts as far to either side', 'give shift as [-d, d]');
    return maybe(o.p, moved({ degrees: o.rotate, translate: [high, high], scale: o.scale, look: o }));
  },
  shear(o, scribe) {
    still('shear', o);
    if (!isZero(o.x) && !isZero(o.y))
      cannot(
        'shear',
        "torchvision's slopes along both axes are not these slopes",
        'slant along x, then along y',
      );
    scribe.use('Shear');
    const along = isZero(o.y) ? { axis: 'x', slope: o.x } : { axis: 'y', slope: o.y };
    const look = { interpolation: interpolation(o.interpolation), fill: fill(o.fill) };
    return maybe(o.p, call('Shear', [], { ...along, center: o.center, ...look }));
  },
  translate(o, scribe) {
    still('translate', o);
    scribe.use('Translate');
    return maybe(o.p, call('Translate', [], { x: o.x, y: o.y, unit: o.unit, fill: fill(o.fill) }));
  },
  perspective(o) {
    still('perspective', o);
    const look = {
      interpolation: code(`v2.InterpolationMode.${MODES[o.interpolation]}`),
      fill: fill(o.fill),
    };
    return call('v2.RandomPerspective', [], { distortion_scale: o.distortion, p: o.p, ...look });
  },

  brightness: jitter('brightness', (o) => o.factor),
  contrast: jitter('contrast', (o) => o.factor),
  saturation: jitter('saturation', (o) => o.factor),
  hue: jitter('hue', (o) => o.shift),
  colorJitter(o) {
    const amounts = o as unknown as Record<'brightness' | 'contrast' | 'saturation' | 'hue', number>;
    const given = (['brightness', 'contrast', 'saturation', 'hue'] as const).filter(
      (name) => amounts[name] > 0,
    );
    if (given.length === 0) return [];
    return maybe(
      o.p,
      call('v2.ColorJitter', [], Object.fromEntries(given.map((name) => [name, amounts[name]]))),
    );
  },
  grayscale: plain('RandomGrayscale'),
  toGray({ p, methods }) {
    if (methods.some((method) => method !== 'luma'))
      cannot('toGray', 'torchvision knows gray as luma alone', "use methods ['luma']");
    return call('v2.RandomGrayscale', [], { p });
  },
  invert: plain('RandomInvert'),
  autocontrast({ p, cutoff }) {
    if (cutoff > 0) cannot('autocontrast', 'torchvision knows no cutoff', 'use cutoff 0');
    return call('v2.RandomAutocontrast', [], { p });
  },
  equalize: plain('RandomEqualize'),
  posterize(o, scribe) {
    const bits = rounded(o.bits);
    if (isFixed(bits)) return call('v2.RandomPosterize', [], { bits: bits[0], p: o.p });
    scribe.use('Posterize');
    return maybe(o.p, call('Posterize', [], { bits }));
  },
  solarize(o, scribe) {
    const { threshold, p } = o;
    if (isFixed(threshold) && threshold[0] <= 255)
      return call('v2.RandomSolarize', [], { threshold: threshold[0], p });
    scribe.use('Solarize');
    return maybe(p, call('Solarize', [], { threshold }));
  },
  solarizeAdd: own('SolarizeAdd', (o) => ({ add: o.add, threshold: o.threshold as unknown as number })),
  sharpness(o, scribe) {
    if (isFixed(o.factor))
      return call('v2.RandomAdjustSharpness', [], { sharpness_factor: o.factor[0], p: o.p });
    scribe.use('Sharpness');
    return maybe(o.p, call('Sharpness', [], { factor: o.factor }));
  },
  gamma: own('Gamma', ({ gamma }) => ({ gamma })),
  rgbShift: own('RGBShift', ({ red, green, blue }) => ({ red, green, blue })),
  channelShuffle: own('ChannelShuffle', () => ({})),
  gaussianBlur: own('GaussianBlur', ({ sigma }) => ({ sigma })),
  gaussianNoise: own('GaussianNoise', ({ sigma, perChannel }) => ({
    sigma,
    per_channel: perChannel ? undefined : false,
  })),
  jpegCompression({ quality, subsampling, p }) {
    if (subsampling !== '4:2:0')
      cannot(
        'jpegCompression',
        "torchvision's encoder halves the resolution of colors",
        "use subsampling '4:2:0'",
      );
    return maybe(p, call('v2.JPEG', [rounded(quality)]));
  },

  cutout(o, scribe) {
    const count = Math.round(o.count);
    const size = lengthOf('size', o.size as number | { share: number });
    if (size.size === 0 || size.share === 0) return [];
    scribe.use('Cutout');
    return maybe(
      o.p,
      call('Cutout', [], { ...size, count: count === 1 ? undefined : count, fill: fill(o.fill) }),
    );
  },
  coarseDropout: own('CoarseDropout', (o) => ({
    holes: rounded(o.holes),
    height: o.height,
    width: o.width,
    fill: fill(o.fill),
  })),
  randomErasing(o, scribe) {
    const { p, scale, ratio } = o;
    if (o.fill === 'noise' && !scribe.normalized)
      cannot(
        'randomErasing',
        "torchvision's noise is normal numbers, which bytes cannot hold",
        'put it after normalize',
      );
    const [low, high] = [1 / ratio[1], 1 / ratio[0]];
    const value = o.fill === 'noise' ? 'random' : (o.fill as Py);
    return call('v2.RandomErasing', [], { p, scale, ratio: [low, high], value });
  },

  normalize(o, scribe) {
    if (o.p !== 1)
      cannot('normalize', 'with a probability it would change the type of some images only', 'use p 1');
    scribe.normalized = true;
    return [
      call('v2.ToDtype', [code('torch.float32')], { scale: true }),
      call('v2.Normalize', [], { mean: o.mean, std: o.std }),
    ];
  },

  oneOf: ({ of }, scribe) => call('v2.RandomChoice', [scribe.each(of)]),
  weightedOneOf(o, scribe) {
    const { of, weights } = withOdds(o);
    return call('v2.RandomChoice', [scribe.each(of)], { p: weights });
  },
  someOf({ n, of }, scribe) {
    if (n === 0) return [];
    scribe.use('SomeOf');
    return call('SomeOf', [n, scribe.each(of)]);
  },
  randomApply({ p, of }, scribe) {
    const inner = scribe.chain(of);
    return inner.length === 0 ? [] : p === 1 ? inner : maybe(p, ...inner);
  },
  ...POLICIES,
  ...TIMM,
};

/** A length in whole pixels, or as a share of a side. */
const lengthOf = <K extends string>(name: K, of: number | { readonly share: number }) =>
  (typeof of === 'number' ? { [name]: Math.round(of) } : { share: of.share }) as Readonly<
    Record<K | 'share', number | undefined>
  >;

/** torchvision antialiases by default; nearest-neighbor sampling cannot. */
const smooth = ({ antialias, interpolation }: Options) => {
  if (!antialias && interpolation === 'lanczos')
    cannot('resize', "torchvision's Lanczos is always antialiased", 'use antialias true, or bicubic');
  return antialias || interpolation === 'nearest' ? undefined : false;
};

const scaling = (o: Options) => ({ interpolation: resampling(o.interpolation), antialias: smooth(o) });

function moved({
  degrees,
  translate,
  scale,
  shear,
  look,
}: {
  degrees: Pair;
  translate: Pair;
  scale: Pair;
  shear?: readonly number[];
  look: Options;
}): Py {
  return call('v2.RandomAffine', [degrees], {
    translate: isZero(translate) ? undefined : translate,
    scale: scale[0] === 1 && scale[1] === 1 ? undefined : scale,
    shear,
    interpolation: interpolation(look.interpolation),
    fill: fill(look.fill),
  });
}

export const TORCHVISION: Target = {
  name: 'torchvision',
  table: TABLE,
  row: (steps) => call('v2.Compose', [steps]),
  nothing: call('v2.Identity'),
};
