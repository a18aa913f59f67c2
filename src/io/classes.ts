/** Class names, and labels checked against them. */
import { readFileSync } from 'node:fs';
import { isDistribution, type Label, show, UsageError } from '../core/index.js';
import { unreadable } from './files.js';
import type { RawLabel } from './shard-index.js';

/** Without class names, labels from this on are taken for slips, not for classes. */
export const MAX_UNNAMED = 65_536;

/** One name a line; empty lines do not count. */
export function readClasses(owner: string, path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${owner}: classes: ${unreadable(error, path)}`, { cause: error });
  }
  const names = text.split(/\r?\n/).map((line) => line.trim());
  return checkClasses(
    owner,
    names.filter((name) => name !== ''),
    path,
  );
}

export function checkClasses(owner: string, names: readonly string[], source = 'classes'): string[] {
  if (names.length === 0) throw new UsageError(`${owner}: ${source} names no class; give one name a class`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${owner}: ${source} names ${show(twice)} twice; rename one`);
  return [...names];
}

/** '0', '1', … for classes that have no names. */
export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

/** A label as the index or the distribution it stands for, or the reason why it is none. */
export class LabelCheck {
  private readonly byName: Map<string, number>;

  constructor(readonly classes: readonly string[]) {
    this.byName = new Map(classes.map((name, i) => [name, i]));
  }

  check(label: RawLabel | Float32Array): Label | { readonly reason: string } {
    const k = this.classes.length;
    if (typeof label === 'number') {
      if (Number.isInteger(label) && label >= 0 && label < k) return label;
      return {
        reason: `its label ${label} is not in 0..${k - 1}; mend the label or give all ${k > 1 ? 'classes' : 'of the classes'}`,
      };
    }
    if (typeof label === 'string') {
      const index = this.byName.get(label);
      if (index !== undefined) return index;
      return {
        reason: `its label ${show(label)} is none of the ${k} classes; mend the label or add the class`,
      };
    }
    const soft = Float32Array.from(label);
    if (isDistribution(soft, k)) return soft;
    const sum = soft.reduce((total, p) => total + p, 0);
    return {
      reason: `its label is no distribution over ${k} classes (${soft.length} numbers, sum ${sum}); give ${k} numbers that sum to 1`,
    };
  }
}

export function refused(label: Label | { readonly reason: string }): label is { readonly reason: string } {
  return typeof label === 'object' && 'reason' in label;
}
