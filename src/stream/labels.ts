/** Labels of samples as a batch holds them. */
import { expected, isDistribution, RxaugError, type Sample } from '../core/index.js';

/** [B] class indices; of a distribution its largest. */
export function labelsOf(samples: readonly Sample[]): Int32Array {
  return Int32Array.from(samples, ({ id, label, origin }) => {
    const classes = origin.classes.length;
    if (typeof label !== 'number') {
      if (!ArrayBuffer.isView(label) && !Array.isArray(label))
        throw new RxaugError(
          expected(id, 'a class number or a distribution as label', label, 'mend the data set'),
        );
      if (isDistribution(label, classes)) return largest(label);
      if (label.length === classes) {
        const row = Array.from(label.slice(0, 6), (share) => Number(share.toPrecision(4))).join(', ');
        throw new RxaugError(
          `${id}: expected a label of numbers ≥ 0 that sum to 1 but received [${row}${classes > 6 ? ', …' : ''}]; fix the label`,
        );
      }
      throw new RxaugError(
        `${id}: expected a label of ${classes} values but received ${label.length}; give one value a class`,
      );
    }
    if (Number.isInteger(label) && label >= 0 && label < classes) return label;
    throw new RxaugError(
      `${id}: expected a label in 0..${classes - 1} but received ${label}; mend the label or name all classes`,
    );
  });
}

/** [B, K], hard labels one-hot; undefined where all labels are hard. Labels were checked by `labelsOf`. */
export function softLabelsOf(samples: readonly Sample[]): Float32Array | undefined {
  if (samples.every(({ label }) => typeof label === 'number')) return undefined;
  const classes = (samples[0] as Sample).origin.classes.length;
  const soft = new Float32Array(samples.length * classes);
  samples.forEach(({ label }, i) => {
    if (typeof label === 'number') soft[i * classes + label] = 1;
    else soft.set(label, i * classes);
  });
  return soft;
}

function largest(distribution: Float32Array): number {
  let best = 0;
  for (let i = 1; i < distribution.length; i++)
    if ((distribution[i] as number) > (distribution[best] as number)) best = i;
  return best;
}
