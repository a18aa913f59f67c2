/** Which of a model's classes are those of a source. */
import { matchClasses, nameSome, UsageError } from '../../core/index.js';
import type { OpenedDataset } from '../../io/index.js';

/**
 * The model's number of each class of the source, by name; −1 for a class that the model does not know and no image has.
 *
 * @param soft what is wrong with an image whose label is a distribution
 * @throws UsageError for such an image, and for images of classes that the model does not know
 */
export function classNumbers(
  where: string,
  source: OpenedDataset,
  classes: readonly string[],
  soft: (id: string) => string,
): Int32Array {
  const { numbers } = matchClasses(source.classes, classes);
  const unknown = new Set<string>();
  for (let i = 0; i < source.length; i++) {
    const { id, label } = source.item(i);
    if (typeof label !== 'number') throw new UsageError(`${where}: ${soft(id)}`);
    if ((numbers[label] ?? -1) < 0) unknown.add(source.classes[label] ?? `number ${label}`);
  }
  if (unknown.size > 0)
    throw new UsageError(
      `${where}: the model does not know the classes ${nameSome([...unknown])} of '${source.name}' but ${nameSome(classes)}; give a model of these classes, or the names of its classes as classes`,
    );
  return numbers;
}
