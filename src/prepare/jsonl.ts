/** Objects as lines of JSON. */
export function jsonl(values: Iterable<object>): Buffer {
  const pieces: Buffer[] = [];
  let lines: string[] = [];
  // No string holds more than half a gigabyte.
  for (const value of values)
    if (lines.push(`${JSON.stringify(value)}\n`) >= 10_000) {
      pieces.push(Buffer.from(lines.join('')));
      lines = [];
    }
  pieces.push(Buffer.from(lines.join('')));
  return Buffer.concat(pieces);
}
