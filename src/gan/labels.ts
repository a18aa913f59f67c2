import { expected, RxaugError } from '../core/index.js';

/** Checks that there are `count` labels and that each is the number of a class. */
export function checkLabels(
  owner: string,
  labels: ArrayLike<number> | undefined,
  count: number,
  classes: readonly string[],
): void {
  if (labels?.length !== count) {
    throw new RxaugError(
      expected(owner, `${count} labels, one for each image`, labels?.length, 'this model takes the class'),
    );
  }
  const odd = Array.from(labels).find(
    (label) => !(Number.isInteger(label) && label >= 0 && label < classes.length),
  );
  if (odd === undefined) return;
  throw new RxaugError(
    expected(
      owner,
      `labels in 0..${classes.length - 1}`,
      odd,
      `it was trained on ${classes.slice(0, 4).join(', ')}${classes.length > 4 ? ', …' : ''}`,
    ),
  );
}
