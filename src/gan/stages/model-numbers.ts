import {
  classDifference,
  expected,
  matchClasses,
  nameSome,
  RxaugError,
  sameClasses,
  UsageError,
} from '../../core/index.js';

/** The number that a model has for each class of the data; undefined if all are the same. */
export type ModelNumbers = readonly number[] | undefined;

/** Matches classes by name: the model must have the classes of the data, in any order. */
export function modelNumbers(owner: string, model: readonly string[], data: readonly string[]): ModelNumbers {
  const match = matchClasses(data, model);
  if (match.same) return undefined;
  if (match.unknown.length > 0 || match.missing.length > 0) {
    throw new RxaugError(
      `${owner}: expected the classes of its model (${nameSome(model)}) but the data set ${classDifference(matchClasses(data, model))}; use a model that was trained on these classes`,
    );
  }
  return [...match.numbers];
}

export const toModel = (numbers: ModelNumbers, labels: readonly number[]): readonly number[] =>
  numbers ? labels.map((label) => numbers[label]) : labels;

/**
 * The class names of a model: the given ones, or its own. They are required for a model with classes as an input but
 * without names, such as an ONNX file of another program.
 */
export function namesFor(
  owner: string,
  count: number,
  given: readonly string[] | undefined,
  own: readonly string[] | undefined,
): readonly string[] {
  const names = given ?? own;
  if (!names) {
    throw new UsageError(
      `${owner}: expected the names of the ${count} classes of its model but the model has none; give the option classes, in the order of its numbers`,
    );
  }
  if (given && own && !sameClasses(given, own)) {
    throw new UsageError(
      expected(owner, `the classes that its model names (${nameSome(own)})`, given, 'leave classes out'),
    );
  }
  if (names.length === count) return names;
  throw new UsageError(
    expected(owner, `names of the ${count} classes of its model`, names, 'name all of them'),
  );
}
