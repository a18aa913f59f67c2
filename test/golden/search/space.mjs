/** A search space of every op that a search has of its own, without twins, and two policies in it. */

/** `augment`: the transforms, of src or of dist. */
export function spaceOf(augment) {
  const range = (name, low, high, neutral, make) => ({
    name,
    magnitude: { low, high, neutral, unit: name },
    make: (from, to) => make([from, to]),
  });
  const fixed = (name, options = {}) => ({ name, make: () => augment[name]({ ...options, p: 1 }) });
  const option = (name, key, low, high, neutral) =>
    range(name, low, high, neutral, (value) => augment[name]({ [key]: value, p: 1 }));
  const { affine, gamma, posterize, randomErasing, shear, translate } = augment;
  const still = [0, 0];
  return {
    subPolicies: 3,
    stages: 2,
    ops: [
      option('rotate', 'angle', -45, 45, 0),
      range('shearX', -0.3, 0.3, 0, (x) => shear({ x, y: still, p: 1 })),
      range('shearY', -0.3, 0.3, 0, (y) => shear({ x: still, y, p: 1 })),
      range('translateX', -0.3, 0.3, 0, (x) => translate({ x, y: still, p: 1 })),
      range('translateY', -0.3, 0.3, 0, (y) => translate({ x: still, y, p: 1 })),
      range('scale', 0.7, 1.4, 1, (scale) => affine({ scale, p: 1 })),
      fixed('horizontalFlip'),
      fixed('verticalFlip'),
      option('brightness', 'factor', 0.4, 1.8, 1),
      option('contrast', 'factor', 0.4, 1.8, 1),
      option('saturation', 'factor', 0, 2, 1),
      option('hue', 'shift', -0.3, 0.3, 0),
      range('gamma', -1, 1, 0, (log) => gamma({ gamma: log.map((m) => 2 ** m), p: 1 })),
      option('sharpness', 'factor', 0, 3, 1),
      range('posterize', 2, 8, 8, (bits) => posterize({ bits: bits.map(Math.round), p: 1 })),
      option('solarize', 'threshold', 64, 256, 256),
      fixed('autocontrast'),
      fixed('equalize'),
      fixed('invert'),
      fixed('grayscale'),
      option('gaussianBlur', 'sigma', 0, 2, 0),
      option('gaussianNoise', 'sigma', 0, 0.15, 0),
      range('cutout', 0, 0.3, 0, (scale) => randomErasing({ scale, ratio: [1, 1], fill: 0, p: 1 })),
    ],
  };
}

/** What a draw of ours does, in words of the space: the op and its magnitude. */
export function opOf({ op, params }) {
  const { angle, x, y, scale, factor, shift, gamma, bits, threshold, sigma } = params;
  const along = (name) => (y === 0 ? [`${name}X`, x] : [`${name}Y`, y]);
  switch (op) {
    case 'shear':
    case 'translate':
      return along(op);
    case 'affine':
      return ['scale', scale];
    case 'gamma':
      return [op, Math.log2(gamma)];
    default:
      return op === 'randomErasing'
        ? ['cutout', params.tries[0][0]]
        : [op, angle ?? factor ?? shift ?? bits ?? threshold ?? sigma];
  }
}
