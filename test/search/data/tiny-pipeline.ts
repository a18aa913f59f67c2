/** The script of a search that takes seconds: images of 8×8, the classes bright and dark. */
export const TINY = `
import { arrays, batch, brightness, cnn, definePipeline, horizontalFlip, normalize, rotate } from 'rxaug';

if (process.send) console.log('loaded in a child');

/** Images of 8×8, the classes bright and dark. */
const made = (count, from) => ({
  name: 'made', classes: ['dark', 'bright'], length: count,
  item: (i) => ({
    id: 'made/' + (from + i),
    label: i % 2,
    image: {
      kind: 'pixels', width: 8, height: 8, channels: 3,
      data: Uint8Array.from({ length: 192 }, (_, at) => 60 * (i % 2) + Math.abs(Math.imul(at * 193 + from + i + 1, 2654435761) >> 8) % 151),
    },
  }),
});

export default definePipeline({
  name: 'tiny',
  settings: { count: 40, epochs: 4 },
  batches: ({ settings }) => arrays({ images: new Uint8Array(192 * 2), labels: [0, 1], width: 8, height: 8, classes: ['dark', 'bright'] }).pipe(normalize(), batch(2)),
  search: ({ settings }) => ({
    train: made(settings.count, 0),
    test: made(20, 5000),
    space: {
      ops: [
        { name: 'rotate', magnitude: { low: -30, high: 30, neutral: 0, unit: 'degrees' }, make: (low, high) => rotate([low, high]) },
        { name: 'flip', make: () => horizontalFlip({ p: 1 }) },
        { name: 'brightness', magnitude: { low: 0.5, high: 1.5, neutral: 1, unit: 'factor' }, make: (low, high) => brightness([low, high]) },
      ],
      subPolicies: 2,
      stages: 2,
    },
    size: 8,
    channels: 3,
    statistics: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    base: [],
    controls: { plain: [], flipped: [horizontalFlip()] },
    trial: { model: cnn({ filters: [4] }), epochs: settings.epochs, batch: 8, learningRate: 0.02, weightDecay: 0 },
  }),
});
`;
