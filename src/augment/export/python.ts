/**
 * Writes Python: literals, calls, and how they break over lines. All text is written as ASCII with escapes, so no text
 * of a pipeline can become code.
 */
import { RxaugError } from '../../core/index.js';

/** A value in Python. A list of TypeScript is one of Python. */
export type Py = number | string | boolean | null | readonly Py[] | Nested | Code;

export interface Nested {
  readonly open: string;
  readonly close: string;
  readonly items: readonly { readonly name?: string; readonly value: Py }[];
}

/** Text of our own: a constant's name, a formula. Never a user's. */
export interface Code {
  readonly code: string;
}

const WIDTH = 100;
const INDENT = 4;

export const code = (text: string): Code => ({ code: text });

/** A number that torch must not take for a whole one: it draws from no Beta or Dirichlet of those. */
export const float = (value: number): Py => (Number.isInteger(value) ? code(`${value}.0`) : value);

export const tuple = (...values: readonly Py[]): Nested => ({
  open: '(',
  close: values.length === 1 ? ',)' : ')',
  items: values.map((value) => ({ value })),
});

/** `name(first, second, key=value)`; what is undefined is left out. */
export const call = (
  name: string,
  first: readonly Py[] = [],
  named: Readonly<Record<string, Py | undefined>> = {},
): Nested => ({
  open: `${name}(`,
  close: ')',
  items: [
    ...first.map((value) => ({ value })),
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }])),
  ],
});

export const dict = (entries: Readonly<Record<string, Py>>): Nested => ({
  open: '{',
  close: '}',
  items: Object.entries(entries).map(([key, value]) => ({ name: `${quoted(key)}: `, value })),
});

/** A value as Python, broken where a line would grow too long. */
export function python(value: Py, indent = 0, before = 0, after = 0): string {
  if (typeof value !== 'object' || value === null) return scalar(value);
  if ('code' in value) return value.code;
  const { open, close, items } = 'open' in value ? value : asList(value);
  const prefix = (name = '') => (name === '' || name.endsWith(': ') ? name : `${name}=`);
  const flat = `${open}${items.map(({ name, value }) => prefix(name) + python(value, 0, -1e9)).join(', ')}${close}`;
  if (!flat.includes('\n') && indent + before + flat.length + after <= WIDTH) return flat;
  if (items.length === 0) return flat;
  const inner = indent + INDENT;
  if (items.every(({ name, value }) => name === undefined && (typeof value !== 'object' || value === null)))
    return `${open}\n${filled(
      items.map(({ value }) => python(value)),
      inner,
    )}${' '.repeat(indent)}${close.replace(',', '')}`;
  const lines = items.map(({ name, value }) => {
    const start = prefix(name);
    return `${' '.repeat(inner)}${start}${python(value, inner, start.length, 1)},\n`;
  });
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close.replace(',', '')}`;
}

/** Words one behind the other, as many as a line holds. */
function filled(words: readonly string[], indent: number): string {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && indent + last.length + word.length + 2 <= WIDTH)
      lines[lines.length - 1] = `${last} ${word},`;
    else lines.push(`${word},`);
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('');
}

const asList = (values: readonly Py[]): Nested => ({
  open: '[',
  close: ']',
  items: values.map((value) => ({ value })),
});

function scalar(value: number | string | boolean | null): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'string' ? quoted(value) : number(value);
}

/** The shortest digits that read back as the same number, in JavaScript as in Python. */
function number(value: number): string {
  if (!Number.isFinite(value))
    throw new RxaugError(`export: expected a finite number but received ${value}; fix the pipeline`);
  return String(Object.is(value, -0) ? 0 : value);
}

export function quoted(text: string): string {
  const escaped = text.replace(/[\\"]|[^ -~]/gu, (char) => {
    if (char === '\\' || char === '"') return `\\${char}`;
    const point = char.codePointAt(0) as number;
    if (point > 0xffff) return `\\U${point.toString(16).padStart(8, '0')}`;
    return `\\u${point.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

/** Lines of a comment; a line break in the text cannot end it. */
export function comment(text: string): string {
  const plain = text.replace(/[^ -~]/gu, (char) => (char === '\n' ? ' ' : (PLAIN[char] ?? '?')));
  const lines: string[] = [];
  for (const word of plain.split(/ +/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH - 2)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `# ${line}\n`).join('');
}

const PLAIN: Readonly<Record<string, string>> = {
  '×': 'x',
  '≥': '>=',
  '≤': '<=',
  '–': '-',
  '−': '-',
  '°': 'deg',
};
