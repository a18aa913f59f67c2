/** Options as the code that a reader copies: without defaults, and as the shorthand where there is one. */
import { FACTORIES } from './draw.js';

/** Options that are made from images, as a reader makes them. */
const MADE = {
  histogramMatching: { references: '[histogramOf(image)]' },
  fourierDomainAdaptation: { references: '[spectrumOf(image)]' },
};

export function codeLine(name, options, defaults) {
  const changed = Object.entries(options).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key]),
  );
  if (changed.length === 0) return `${name}()`;
  const short = changed.length === 1 ? shorthand(name, options, changed[0][1]) : undefined;
  if (short !== undefined) return `${name}(${literal(short)})`;
  return `${name}({ ${changed.map(([key, value]) => `${key}: ${MADE[name]?.[key] ?? literal(value)}`).join(', ')} })`;
}

/** A plain value that the transform reads as the same options. */
function shorthand(name, options, value) {
  const { factory } = FACTORIES.get(name);
  const same = JSON.stringify(bound(factory(options)));
  const candidates = [value];
  if (Array.isArray(value) && value.length === 2 && typeof value[1] === 'number')
    candidates.unshift(value[1], Math.round((value[1] - 1) * 1e6) / 1e6);
  return candidates.find((candidate) => {
    if (typeof candidate === 'object' && !Array.isArray(candidate)) return false;
    try {
      return JSON.stringify(bound(factory(candidate))) === same;
    } catch {
      return false; // No shorthand, or none of that form.
    }
  });
}

const bound = (made) => made.transform?.options ?? made.options;

export function literal(value) {
  if (Array.isArray(value)) {
    const text = `[${value.map(literal).join(', ')}]`;
    return text.length > 300 ? `[/* ${value.length} values */]` : text;
  }
  if (typeof value === 'object' && value !== null)
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${literal(each)}`)
      .join(', ')} }`;
  return typeof value === 'string' ? `'${value}'` : String(value);
}

/** JSON with short lists on one line and long ones cut. */
export function json(value, indent = '') {
  const flat = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, ' ') ?? 'undefined';
  if (flat.length <= 72 || typeof value !== 'object' || value === null)
    return flat.length > 400 ? `${flat.slice(0, 400)} …` : flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const shown = value.length > 24 ? value.slice(0, 12) : value;
    const lines = shown.every((each) => typeof each !== 'object')
      ? [inner + shown.map((each) => JSON.stringify(each)).join(', ')]
      : shown.map((each) => inner + json(each, inner));
    if (shown.length < value.length) lines.push(`${inner}… ${value.length - shown.length} more`);
    return `[\n${lines.join(',\n')}\n${indent}]`;
  }
  const lines = Object.entries(value).map(
    ([key, each]) => `${inner}${JSON.stringify(key)}: ${json(each, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
