/**
 * Foreign text, such as names from archives, files and models, as it may be printed. Characters that act on a
 * terminal, forge a line of a log or hide are written as escapes; what is long is cut.
 *
 * All of it can be done twice: what was printable stays as it is.
 */

/**
 * Controls, line and paragraph ends, marks that turn the direction of text, characters of no width, and halves of
 * surrogate pairs. Variation selectors only choose the look of an emoji and stay.
 */
const ACTING = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** The same without what may stand in a text of several lines. */
const ACTING_IN_LINES = new RegExp(`(?![\\n\\t]|\\r\\n)${ACTING.source}`, 'gu');

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A name or a sentence as one printable line of at most `most` UTF-16 units, default 200; the middle of a longer
 * one is cut. Characters that act on a terminal become escapes.
 *
 * @example printable('a\nb') // → 'a\\nb'
 */
export function printable(text: string, most = 200): string {
  return cut(text, most, ACTING);
}

/** Text of several lines, at most `most` UTF-16 units, default 20,000: line ends and tabs stay. */
export function printableLines(text: string, most = 20_000): string {
  return cut(text, most, ACTING_IN_LINES);
}

/** A value as JSON that reads back as the same value, with every character that acts or hides escaped. */
export function printableJson(value: unknown, space?: number): string {
  return JSON.stringify(value, null, space).replace(ACTING_IN_LINES, (char) =>
    Array.from({ length: char.length }, (_, i) => unit(char.charCodeAt(i))).join(''),
  );
}

function cut(text: string, most: number, acting: RegExp): string {
  // Of very long text only what can be shown is looked at.
  const long = text.length > 2 * most;
  const head = escaped(long ? text.slice(0, most) : text, acting);
  if (!long && head.length <= most) return head;
  const tail = long ? escaped(text.slice(-most), acting) : head;
  const after = Math.floor((most - 1) / 3);
  const before = most - 1 - after;
  const end = tail.length - after;
  // No character outside the basic plane is halved.
  return `${head.slice(0, halves(head, before) ? before - 1 : before)}…${tail.slice(halves(tail, end) ? end + 1 : end)}`;
}

const halves = (text: string, at: number) => /[\udc00-\udfff]/.test(text.charAt(at));

function escaped(text: string, acting: RegExp): string {
  return text.replace(acting, (char) => {
    const code = char.codePointAt(0) as number;
    if (code > 0xffff) return `\\u{${code.toString(16)}}`;
    return SHORT[char] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unit(code));
  });
}

const unit = (code: number) => `\\u${code.toString(16).padStart(4, '0')}`;
