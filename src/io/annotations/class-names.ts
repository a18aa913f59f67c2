/** Names of classes, numbered as they are first met and put in order when all are known. */
import { numbersIn } from '../classes.js';
import { naturalOrder } from '../problems.js';
import type { ObjectTable } from './object-table.js';

export class ClassNames {
  private readonly numbers = new Map<string, number>();

  numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    this.numbers.set(name, this.numbers.size);
    return this.numbers.size - 1;
  }

  /** The final list: that given, which must have all names, or the names in natural order; labels of objects follow. */
  settle(
    owner: string,
    what: string,
    given: readonly string[] | undefined,
    table: ObjectTable,
  ): readonly string[] {
    const met = [...this.numbers.keys()];
    const classes = given ?? [...met].sort(naturalOrder);
    const numbers = numbersIn(owner, what, met, classes);
    for (let k = 0; k < table.objects; k++) table.label.set(k, numbers[table.label.at(k)] as number);
    return classes;
  }
}
