/** Whether a value is what an example says: spaces do not count, and `…` stands for anything. */
import { inspect } from 'node:util';

export function shows(expected, value) {
  const shown = inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY, sorted: false });
  const texts = typeof value === 'string' ? [shown, value] : [shown];
  return { ok: texts.some((text) => matches(expected, text)), shown };
}

export function matches(expected, text) {
  const parts = plain(expected).split('…').map(escaped);
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`).test(plain(text));
}

const plain = (text) =>
  text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/([[{(]) /g, '$1')
    .replace(/ ([\]})])/g, '$1')
    .replace(/"/g, "'");
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
