/** Objects as lines of JSON. */
export const jsonl = (values: Iterable<object>): Buffer =>
  Buffer.from(Array.from(values, (value) => `${JSON.stringify(value)}\n`).join(''));
