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

/** The other way round. */
export const linesOf = <T>(bytes: Buffer): T[] =>
  bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
