/** Class names, and labels checked against them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  isDistribution,
  type Label,
  matchClasses,
  nameSome,
  show,
  spreadRows,
  UsageError,
} from '../core/index.js';
import type { RawLabel } from './archive/shard-index.js';
import { unreadable } from './files.js';

/**
 * Option of readers: the names of all classes, or the path of a file with one name per line. The class names of the data
 * are matched to the list: data sets that lack a class, or have another order, then share one numbering, such as that of
 * a model. A class of the list may have no images; a class of the data that is not in the list is refused.
 */
export const classesOption = z.union([z.array(z.string()).min(1), z.string().min(1)]).optional();

/** The list of class names that the option gives. */
export function givenClasses(owner: string, given: z.output<typeof classesOption>): string[] | undefined {
  if (given === undefined) return undefined;
  return typeof given === 'string' ? readClasses(owner, given) : checkClasses(owner, given);
}

/** For each class of the data its number in a list of classes; refuses one that is not in it. */
export function numbersIn(
  owner: string,
  what: string,
  names: readonly string[],
  classes: readonly string[],
): Int32Array {
  const match = matchClasses(names, classes);
  if (match.unknown.length === 0) return match.numbers;
  const { unknown } = match;
  throw new UsageError(
    `${owner}: expected the classes of ${what} to be among classes but ${nameSome(unknown)} ${unknown.length > 1 ? 'are' : 'is'} not; add ${unknown.length > 1 ? 'them' : 'it'} to classes, or remove ${unknown.length > 1 ? 'them' : 'it'}`,
  );
}

/** Without class names, labels from this number on are taken for mistakes, not for classes. */
export const MAX_UNNAMED = 65_536;

/** One name per line; empty lines do not count. `shown` names the file in errors. */
export function readClasses(owner: string, path: string, shown = path): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`${owner}: classes: ${unreadable(error, shown)}`, { cause: error });
  }
  const names = text.split(/\r?\n/).map((line) => line.trim());
  return checkClasses(
    owner,
    names.filter((name) => name !== ''),
    shown,
  );
}

export function checkClasses(owner: string, names: readonly string[], source = 'classes'): string[] {
  if (names.length === 0) throw new UsageError(`${owner}: ${source} names no class; give one name per class`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new UsageError(`${owner}: ${source} names ${show(twice)} twice; rename one`);
  return [...names];
}

/** '0', '1', … for classes that have no names. */
export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

/**
 * A label as an index or a distribution, or the reason why it is neither. Numbers and distributions go
 * by `numbered`, the list that the data were labeled with, if that differs from `classes`.
 */
export class LabelCheck {
  private readonly byName: Map<string, number>;
  private readonly match;

  constructor(
    readonly classes: readonly string[],
    private readonly numbered: readonly string[] = classes,
  ) {
    this.byName = new Map(classes.map((name, i) => [name, i]));
    this.match = matchClasses(numbered, classes);
  }

  check(label: RawLabel | Float32Array): Label | { readonly reason: string } {
    const k = this.numbered.length;
    const { match } = this;
    if (typeof label === 'number') {
      if (Number.isInteger(label) && label >= 0 && label < k) return match.numbers[label] as number;
      return {
        reason: `its label ${label} is not in 0..${k - 1}; correct the label or give all ${k > 1 ? 'classes' : 'of the classes'}`,
      };
    }
    if (typeof label === 'string') {
      const index = this.byName.get(label);
      if (index !== undefined) return index;
      return {
        reason: `its label ${show(label)} is none of the ${this.classes.length} classes; correct the label or add the class`,
      };
    }
    const soft = Float32Array.from(label);
    if (isDistribution(soft, k)) return match.same ? soft : spreadRows(soft, 1, match, this.classes.length);
    const sum = soft.reduce((total, p) => total + p, 0);
    return {
      reason: `its label is no distribution over ${k} classes (${soft.length} numbers, sum ${sum}); give ${k} numbers that sum to 1`,
    };
  }
}

export function refused(label: Label | { readonly reason: string }): label is { readonly reason: string } {
  return typeof label === 'object' && 'reason' in label;
}
