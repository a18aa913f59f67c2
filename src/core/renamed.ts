/**
 * Names that changed in 0.2. Stored recipes and pipelines with old names are read; calls with an old option get an error
 * that names the new one.
 */

/** Transforms, by their old names. */
export const RENAMED_TRANSFORMS: Readonly<Record<string, string>> = {
  flip: 'horizontalFlip',
  quarterTurn: 'randomRotate90',
  channelDrop: 'channelDropout',
  sometimes: 'randomApply',
};

/** Exports, by their old names. */
export const RENAMED_EXPORTS: Readonly<Record<string, string>> = {
  ...RENAMED_TRANSFORMS,
  from: 'fromItems',
  fromArrays: 'openArrays',
  runBook: 'runStore',
  gains: 'pairedDifference',
  spread: 'meanAndStd',
  tellShare: 'formatPercent',
  COLLAPSED: 'COLLAPSE_THRESHOLD',
  trainGan: 'train',
  trainDagan: 'train',
  trainAutoencoder: 'train',
  trainSmart: 'train',
  fitGan: 'fit',
  fitDagan: 'fit',
  fitAutoencoder: 'fit',
  fitSmart: 'fit',
  loadGan: 'load',
  loadDagan: 'load',
  loadAutoencoder: 'load',
  loadSmart: 'load',
  loadGenerative: 'load',
  loadModel: 'load',
  TrainGanOptions: 'GanTrainOptions',
  TrainDaganOptions: 'DaganTrainOptions',
  TrainAutoencoderOptions: 'AutoencoderTrainOptions',
  TrainSmartOptions: 'SmartTrainOptions',
  certain: 'confidenceFilter',
  believed: 'classifierLabels',
  approved: 'criticFilter',
};

const INTENSITY = { intensity: 'strength' };
const DENSITY = { density: 'strength' };
const PATTERN = { on: 'params' };

const TRAINING = { clean: 'trainEvaluation', fullSize: 'imageSize' };

/** Options, and parameters of draws, of one thing by their old names. */
const RENAMED_OPTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  isoNoise: INTENSITY,
  shadow: INTENSITY,
  sunFlare: INTENSITY,
  plasmaShadow: INTENSITY,
  plasmaBrightness: INTENSITY,
  plasmaContrast: INTENSITY,
  fog: DENSITY,
  rain: DENSITY,
  snow: DENSITY,
  spatter: { amount: 'strength' },
  unsharpMask: { amount: 'strength' },
  pixelDropout: { amount: 'share' },
  saltAndPepper: { amount: 'share' },
  mosaic: { centre: 'center' },
  mixup: { per: 'granularity' },
  padTo: { to: 'size' },
  ganMix: { ratio: 'share' },
  latentNoise: { neighbours: 'neighbors' },
  variationalGaussianDropout: { per: 'granularity' },
  tied: { to: 'path' },
  tiedTranspose: { to: 'path' },
  l1: PATTERN,
  l2: PATTERN,
  maxNorm: PATTERN,
  orthogonal: PATTERN,
  spectral: PATTERN,
  elasticNet: PATTERN,
  stepDecay: { at: 'milestones' },
  adaptiveClip: { ratio: 'threshold', except: 'exclude' },
  manifoldMixup: { at: 'layers' },
  train: TRAINING,
  fit: TRAINING,
};

/** The new name of an option, where it has one. `owner` may be `fog` or `recipe[2] fog`. */
export function renamedOption(owner: string, option: string): string | undefined {
  const name = owner.slice(owner.lastIndexOf(' ') + 1);
  const table = Object.hasOwn(RENAMED_OPTIONS, name) ? RENAMED_OPTIONS[name] : undefined;
  return table && Object.hasOwn(table, option) ? table[option] : undefined;
}

/** The same object with old names of fields replaced. One with both names keeps them: its schema refuses it. */
export function withNewNames(owner: string, given: object): Record<string, unknown> {
  const known = given as Record<string, unknown>;
  if (!Object.hasOwn(RENAMED_OPTIONS, owner)) return known;
  return Object.fromEntries(
    Object.entries(known).map(([name, value]) => {
      const now = renamedOption(owner, name);
      return [now !== undefined && !Object.hasOwn(known, now) ? now : name, value];
    }),
  );
}

/** The new name of a transform, or the name itself. */
export const newNameOf = (transform: string): string =>
  Object.hasOwn(RENAMED_TRANSFORMS, transform) ? (RENAMED_TRANSFORMS[transform] as string) : transform;
