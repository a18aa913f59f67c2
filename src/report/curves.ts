/** Curves out of events: one point an epoch. */
import type { EpochEvent, Metrics, TrainEvent } from '../core/events.js';
import type { Series } from './plot.js';

/** `metric` over epochs in training (clean images where they were measured) and in validation. */
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
