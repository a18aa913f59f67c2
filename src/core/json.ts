/**
 * JSON that keeps all numbers. `JSON.stringify` writes NaN and the infinities as null, which arithmetic later takes
 * for 0; here they are `{"$number":"NaN"}`.
 */
const TAG = '$number';
const NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, one) => (typeof one === 'number' && !Number.isFinite(one) ? { [TAG]: String(one) } : one),
    indent,
  );
}

/** The inverse; throws the SyntaxError of `JSON.parse`. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, one) => {
    if (typeof one !== 'object' || one === null || !Object.hasOwn(one, TAG)) return one;
    return Object.hasOwn(NUMBERS, one[TAG]) ? NUMBERS[one[TAG]] : one;
  });
}

/** A value as it is once it was written and read: without what JSON does not know, such as undefined. */
export function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : fromJson(toJson(value));
}
