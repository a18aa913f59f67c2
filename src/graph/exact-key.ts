/**
 * Plain data as a text that differs where the data does. JSON alone writes an infinity and NaN as null, and −0 as 0.
 *
 * @example exactKey([0, null]) === exactKey([-0, Number.NaN]) // → false
 */
export const exactKey = (data: unknown): string => JSON.stringify(data, exactly);

/** No plain data has such an object. */
const exactly = (_: string, value: unknown): unknown => {
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { number: Object.is(value, -0) ? '-0' : String(value) };
};
