/** Moves, crops and sizes in albumentations' words. Its angles are counter-clockwise. */
import { edges, look, pair, plain, resampling } from './albumentations-look.js';
import { call, code, dict, type Py, tuple } from './python.js';
import { cannot, isFixed, isZero, multipleOf, negated, type Options, sidesOf, type Table } from './scribe.js';

type Pair = readonly [number, number];

export const GEOMETRY: Table = {
  horizontalFlip: plain('HorizontalFlip'),
  verticalFlip: plain('VerticalFlip'),
  transpose: plain('Transpose'),
  randomRotate90({ turns, p }) {
    if ([...turns].sort().join() !== '0,1,2,3')
      cannot('randomRotate90', 'albumentations turns by any of the four', 'use turns [0, 1, 2, 3]');
    return call('A.RandomRotate90', [], { p });
  },

  padCrop(o) {
    if (typeof o.padding === 'object')
      cannot('padCrop', 'albumentations cuts shares to pixels otherwise', 'give padding in pixels');
    const room = Math.round(o.padding as number);
    const shift = pair([-room, room]);
    return call('A.Affine', [], {
      translate_px: dict({ x: shift, y: shift }),
      interpolation: code('cv2.INTER_NEAREST'),
      ...edges(o),
      p: o.p,
    });
  },
  randomCrop(o) {
    const [height, width] = sidesOf(o.size);
    const padding = Math.round(o.padding as number);
    const crop = call('A.RandomCrop', [], { height, width, p: o.p });
    if (padding === 0) return crop;
    const inner = [
      call('A.Pad', [], { padding, ...edges(o), p: 1 }),
      call('A.RandomCrop', [], { height, width, p: 1 }),
    ];
    return o.p === 1 ? inner : call('A.Sequential', [inner], { p: o.p });
  },
  centerCrop(o) {
    const [height, width] = sidesOf(o.size);
    return call('A.CenterCrop', [], { height, width, pad_if_needed: true, ...edges(o), p: o.p });
  },
  padTo({ size, position, p, ...o }) {
    const multiple = multipleOf(size);
    const [height, width] = multiple === undefined ? sidesOf(size) : [null, null];
    return call('A.PadIfNeeded', [], {
      min_height: height,
      min_width: width,
      pad_height_divisor: multiple,
      pad_width_divisor: multiple,
      // The image lies at the top left, opposite the padding.
      position: position === 'topLeft' ? 'top_left' : position,
      ...edges(o as Options),
      p,
    });
  },
  resize(o) {
    if (o.keepRatio) {
      const [height, width] = sidesOf(o.size);
      if (height !== width)
        cannot(
          'resize',
          'albumentations keeps the ratio for one length of the shorter side',
          'give one number as size',
        );
      return call('A.SmallestMaxSize', [], { max_size: height, ...resampling(o), p: o.p });
    }
    const [height, width] = sidesOf(o.size);
    return call('A.Resize', [], { height, width, ...resampling(o), p: o.p });
  },
  smallestMaxSize: (o) =>
    call('A.SmallestMaxSize', [], { max_size: o.size as number, ...resampling(o), p: o.p }),
  longestMaxSize: (o) =>
    call('A.LongestMaxSize', [], { max_size: o.size as number, ...resampling(o), p: o.p }),
  randomScale: (o) =>
    call('A.RandomScale', [], {
      scale_limit: tuple(...o.factor.map((factor) => code(`${factor} - 1`))),
      ...resampling(o),
      p: o.p,
    }),
  randomResizedCrop: (o) =>
    call('A.RandomResizedCrop', [], {
      size: pair(sidesOf(o.size)),
      scale: pair(o.scale),
      ratio: pair(o.ratio),
      ...resampling(o),
      p: o.p,
    }),

  rotate: (o) => call('A.Rotate', [], { limit: pair(negated(o.angle)), ...look(o), p: o.p }),
  affine(o) {
    const slanted = !isZero(o.shearX) || !isZero(o.shearY);
    if (slanted && (!isZero(o.rotate) || (!isZero(o.shearX) && !isZero(o.shearY))))
      cannot(
        'affine',
        'albumentations slants after it turns, which is another move',
        'shear along one axis without rotate',
      );
    const [x, y] = o.translate;
    return moved(
      o,
      [
        [-x, x],
        [-y, y],
      ],
      slanted ? dict({ x: pair(o.shearX), y: pair(o.shearY) }) : undefined,
    );
  },
  shiftScaleRotate: (o) => moved(o, [o.shift, o.shift]),
  shear(o) {
    const axis = isZero(o.y) ? 'x' : 'y';
    if (!isFixed(o[axis]))
      cannot('shear', 'albumentations draws angles where this draws slopes', 'use affine({ shearX })');
    if (!isZero(o.x) && !isZero(o.y))
      cannot('shear', 'albumentations slants otherwise along both axes', 'slant along one');
    if (o.center[0] !== 0.5 || o.center[1] !== 0.5)
      cannot('shear', 'albumentations slants about the middle', 'use center [0.5, 0.5]');
    const angle = (Math.atan(o[axis][0]) * 180) / Math.PI;
    const both = { x: pair([0, 0]), y: pair([0, 0]), [axis]: pair([angle, angle]) };
    return call('A.Affine', [], { shear: dict(both), ...look(o), p: o.p });
  },
  translate(o) {
    const shares = o.unit === 'share';
    if (!shares && !(isFixed(o.x) && isFixed(o.y)))
      cannot(
        'translate',
        'albumentations draws whole pixels where this cuts to whole pixels',
        "use unit 'share'",
      );
    const ends = (of: Pair) => pair(shares ? of : of.map(Math.trunc));
    return call('A.Affine', [], {
      [shares ? 'translate_percent' : 'translate_px']: dict({ x: ends(o.x), y: ends(o.y) }),
      interpolation: code('cv2.INTER_NEAREST'),
      ...edges(o),
      p: o.p,
    });
  },
};

function moved(o: Options, [x, y]: readonly [Pair, Pair], shear?: Py): Py {
  return call('A.Affine', [], {
    scale: pair(o.scale),
    keep_ratio: true,
    translate_percent: isZero(x) && isZero(y) ? undefined : dict({ x: pair(x), y: pair(y) }),
    rotate: pair(negated(o.rotate)),
    shear,
    ...look(o),
    p: o.p,
  });
}
