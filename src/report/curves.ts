import type { EpochEvent, Metrics, TrainEvent } from '../core/events.js';
import type { Series } from './plot.js';

/**
 * Curves of a metric over epochs, from the events of a training: 'train' (measured without augmentation if
 * `trainEvaluation` was given, else while training) and 'test' (validation). A curve without points is left out.
 *
 * @param events events of `train(…)`, or the lines of a `.jsonl` log
 * @param options `metric` (default 'accuracy'), `label` in front of the names of the curves
 * @returns series for `plot`; x is the epoch, from 1
 *
 * @example
 * curves([]) // → []
 */
export function curves(
  events: Iterable<TrainEvent>,
  { metric = 'accuracy', label = '' }: { readonly metric?: string; readonly label?: string } = {},
): Series[] {
  const epochs = [...events].filter((event): event is EpochEvent => event.kind === 'epoch');
  const named = (name: string) => (label ? `${label} ${name}` : name);
  const series = (name: string, pick: (event: EpochEvent) => Metrics | undefined): Series => ({
    name: named(name),
    points: epochs.flatMap((event) => {
      const value = pick(event)?.[metric];
      return value === undefined ? [] : [[event.epoch + 1, value] as const];
    }),
  });
  return [series('train', (e) => e.clean ?? e.train), series('test', (e) => e.validation)].filter(
    ({ points }) => points.length > 0,
  );
}
