/** Converts the class numbers of batches to those of a model. Classes are matched by name. */
import {
  type Batch,
  classDifference,
  matchClasses,
  nameSome,
  originAs,
  RxaugError,
  show,
  spreadRows,
} from '../../core/index.js';

/** Refuses a label that is no class number of the batch, which is possible in batches made by hand. */
export function checkLabels({ size, labels, samples, origin }: Batch, owner: string): void {
  const classes = origin.classes.length;
  for (let i = 0; i < size; i++) {
    const label = labels[i];
    if (label >= 0 && label < classes) continue;
    const id = samples[i]?.id ?? `row ${i}`;
    throw new RxaugError(
      `${owner}: expected a label in 0..${classes - 1} but ${show(id)} of ${origin.name} has ${label}; correct the label or give all class names`,
    );
  }
}

/**
 * The batch with labels that are numbers of `classes`; the same batch if its data set has these classes in this order
 * (which costs one comparison). A data set may have fewer classes, or another order. A class that the model does not know
 * is refused by name.
 */
export function numberedAs(batch: Batch, classes: readonly string[], owner: string): Batch {
  const { origin, size, soft } = batch;
  if (origin.classes === classes) return batch;
  const match = matchClasses(origin.classes, classes);
  if (match.same) return batch;
  if (match.unknown.length > 0) {
    throw new RxaugError(
      `${owner}: expected the classes of the model (${nameSome(classes)}) but ${origin.name} ${classDifference(match)}; use images of those classes, or use the same class names in both`,
    );
  }
  if (!match.keepsNumbers && (batch.masks || batch.targets?.some(({ boxes }) => boxes))) {
    throw new RxaugError(
      `${owner}: expected the class numbers of the model in masks and boxes but ${origin.name} has its classes in another order; give its source classes in the order of the model: ${nameSome(classes)}`,
    );
  }
  checkLabels(batch, owner);
  return {
    ...batch,
    labels: match.keepsNumbers ? batch.labels : batch.labels.map((label) => match.numbers[label]),
    ...(soft && { soft: spreadRows(soft, size, match, classes.length) }),
    origin: originAs(origin, classes),
  };
}
