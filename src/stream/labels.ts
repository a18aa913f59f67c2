/** Labels of a batch: numbers of its classes, to which the classes of each sample are matched by name. */
import {
  type ClassMatch,
  classDifference,
  expected,
  isDistribution,
  matchClasses,
  type Origin,
  RxaugError,
  type Sample,
  show,
  spreadRows,
} from '../core/index.js';

type Names = readonly string[];

/**
 * [B] class numbers; for a distribution, its largest class. Samples of several data sets may be in one batch; a data
 * set with a class that the batch does not have is refused.
 */
export function labelsOf(samples: readonly Sample[], classes: Names): Int32Array {
  const numbersOf = numbering(classes);
  const labels = new Int32Array(samples.length);
  for (let i = 0; i < samples.length; i++) labels[i] = labelOf(samples[i] as Sample, numbersOf);
  return labels;
}

function labelOf({ id, label, origin, targets }: Sample, numbersOf: ReturnType<typeof numbering>): number {
  const own = origin.classes.length;
  if (typeof label !== 'number') {
    if (!ArrayBuffer.isView(label) && !Array.isArray(label))
      throw new RxaugError(
        expected(id, 'a class number or a distribution as label', label, 'correct the data set'),
      );
    if (label.length !== own)
      throw new RxaugError(
        `${id}: expected a label of ${own} values but received ${label.length}; give one value per class`,
      );
    if (!isDistribution(label, own)) {
      const row = Array.from(label.slice(0, 6), (share) => Number(share.toPrecision(4))).join(', ');
      throw new RxaugError(
        `${id}: expected a label of numbers ≥ 0 that sum to 1 but received [${row}${own > 6 ? ', …' : ''}]; fix the label`,
      );
    }
  } else if (!(Number.isInteger(label) && label >= 0 && label < own)) {
    throw new RxaugError(
      `${id}: expected a label in 0..${own - 1} but received ${label}; correct the label or name all classes`,
    );
  }
  const number = typeof label === 'number' ? label : largest(label);
  const match = numbersOf(origin);
  if (!match) return number;
  if (!match.keepsNumbers && (targets?.mask || targets?.masks || targets?.boxes)) {
    throw new RxaugError(
      `batch: expected the same class numbers in all data sets with masks or boxes but ${show(origin.name)} numbers its classes otherwise; give all sources the same classes, in the same order`,
    );
  }
  return match.numbers[number] as number;
}

/** [B, K], hard labels one-hot; undefined where all labels are hard. Labels were checked by `labelsOf`. */
export function softLabelsOf(samples: readonly Sample[], classes: Names): Float32Array | undefined {
  if (samples.every(({ label }) => typeof label === 'number')) return undefined;
  const numbersOf = numbering(classes);
  const soft = new Float32Array(samples.length * classes.length);
  samples.forEach(({ label, origin }, i) => {
    const match = numbersOf(origin);
    const at = i * classes.length;
    if (typeof label === 'number') soft[at + (match ? (match.numbers[label] as number) : label)] = 1;
    else soft.set(match ? spreadRows(label, 1, match, classes.length) : label, at);
  });
  return soft;
}

/** Maps the classes of a data set to those of the batch; undefined if every number stays the same. */
function numbering(classes: Names): (origin: Origin) => ClassMatch | undefined {
  let last: Names | undefined;
  let match: ClassMatch | undefined;
  return (origin) => {
    if (origin.classes === classes) return undefined;
    if (origin.classes === last) return match;
    last = origin.classes;
    const found = matchClasses(last, classes);
    if (found.unknown.length > 0) {
      throw new RxaugError(
        `batch: expected data sets of the same classes but ${show(origin.name)} ${classDifference(found)}; give every source all class names, as imageFolder(dir, { classes }) does`,
      );
    }
    match = found.same ? undefined : found;
    return match;
  };
}

function largest(distribution: Float32Array): number {
  let best = 0;
  for (let i = 1; i < distribution.length; i++)
    if ((distribution[i] as number) > (distribution[best] as number)) best = i;
  return best;
}
