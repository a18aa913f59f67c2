/** Damage for files of any kind, the same for the same draws. */
import type { Draws } from '../../src/core/index.js';

/** Values that text formats should not hold where they stand. */
const ODD = ['-1', '1e309', 'NaN', '99999999999999999999', '""', 'null', '[]', '{}', '\u0000', '../../x.jpg'];

/** Bits flipped, bytes set to extremes, numbers made huge, parts cut out, doubled, or cut off; one to three of these. */
export function mutateBytes(source: Buffer, draws: Draws): Buffer {
  let bytes: Buffer = Buffer.from(source);
  // A third of the damage goes to the ends, where formats keep their sizes and lists.
  const place = () => {
    const { length } = bytes;
    if (draws.chance(0.2)) return draws.int(Math.min(length, 128));
    return draws.chance(0.2) ? length - 1 - draws.int(Math.min(length, 128)) : draws.int(length);
  };
  for (let kinds = 1 + draws.int(3); kinds > 0 && bytes.length > 8; kinds--) {
    const kind = draws.int(7);
    const at = place();
    if (kind === 0) for (let n = 1 + draws.int(6); n > 0; n--) bytes[place()]! ^= 1 << draws.int(8);
    else if (kind === 1) bytes[at] = draws.choice([0, 0x7f, 0x80, 0xff, draws.int(256)]);
    else if (kind === 2)
      bytes.fill(draws.choice([0, 0xff]), at, Math.min(bytes.length, at + 1 + draws.int(16)));
    else if (kind === 3) bytes = draws.chance(0.5) ? bytes.subarray(0, at) : bytes;
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + draws.int(40))]);
    else if (kind === 5) bytes = Buffer.concat([bytes.subarray(0, at + draws.int(60)), bytes.subarray(at)]);
    else if (at + 4 <= bytes.length)
      bytes[draws.chance(0.5) ? 'writeUInt32LE' : 'writeUInt32BE'](
        draws.choice([0, 1, 0xffff, 0x7fffffff, 0xffffffff]),
        at,
      );
  }
  return bytes;
}

/** Values and words of a text replaced, lines doubled, dropped and cut; now and then damage of bytes. */
export function mutateText(source: Buffer, draws: Draws): Buffer {
  if (draws.chance(0.25)) return mutateBytes(source, draws);
  let text = source.toString('utf8');
  for (let kinds = 1 + draws.int(3); kinds > 0; kinds--) {
    const kind = draws.int(4);
    if (kind === 0) text = oneOf(text, /-?\d+(\.\d+)?/g, draws, () => draws.choice(ODD));
    else if (kind === 1) text = oneOf(text, /\w+/g, draws, (word) => draws.choice(['', 'x', word + word]));
    else if (kind === 2) text = oneOf(text, /[^\w\s]/g, draws, () => draws.choice(['', '"', '<', ',', '}']));
    else text = oneOf(text, /[^\n]*\n/g, draws, (line) => draws.choice(['', line + line, line.slice(0, 9)]));
  }
  return Buffer.from(text);
}

/** One of the matches replaced. */
function oneOf(text: string, pattern: RegExp, draws: Draws, by: (found: string) => string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { 0: old, index = 0 } = draws.choice(found);
  return text.slice(0, index) + by(old) + text.slice(index + old.length);
}
