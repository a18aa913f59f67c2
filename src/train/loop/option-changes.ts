/** Options of a task in checkpoints, and how those of a resumed training differ. */
import { isDeepStrictEqual } from 'node:util';
import { show } from '../../core/index.js';
import { throughJson } from '../../core/json.js';

type Options = Readonly<Record<string, unknown>>;

/** `Task.options` as a checkpoint holds them. */
export const savedOptions = (options: Options | undefined): Record<string, unknown> | undefined =>
  options && (throughJson({ ...options }) as Record<string, unknown>);

/** Options that differ from those of a checkpoint, as clauses; none where one of them is unknown, as of older checkpoints. */
export function optionChanges(before: Options | undefined, options: Options | undefined): string[] {
  const now = savedOptions(options);
  if (!before || !now) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => !isDeepStrictEqual(before[name], now[name]))
    .map((name) => `${name}: ${shown(now[name])}, not ${shown(before[name])}`);
}

const shown = (value: unknown) => (value === undefined ? 'none' : show(value));
