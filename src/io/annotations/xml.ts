/**
 * XML as annotation tools write it: elements with text. Strict and small: what it does not know is refused, so no
 * document type is read and no entity of its own expanded.
 */

/** An element: its text without that of its children, and its children in order. */
export interface Xml {
  readonly name: string;
  text: string;
  readonly children: Xml[];
}

/** The reason why a text is no XML that is read here. */
export class XmlFault extends Error {}

const DEEPEST = 64;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const NAME = /[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*/y;
const ATTRIBUTE = /\s+[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*\s*=\s*(?:"[^"<]*"|'[^'<]*')/y;
const SPACE = /\s*/y;

/** @throws XmlFault */
export function parseXml(text: string): Xml {
  const top: Xml = { name: '', text: '', children: [] };
  const open: Xml[] = [top];
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const fault = (what: string) => new XmlFault(`${what} at character ${at}`);
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const skipTo = (end: string, what: string) => {
    const found = text.indexOf(end, at);
    if (found < 0) throw fault(`${what} has no end`);
    const inner = text.slice(at, found);
    at = found + end.length;
    return inner;
  };
  while (at < text.length) {
    const around = open[open.length - 1] as Xml;
    const next = text.indexOf('<', at);
    const end = next < 0 ? text.length : next;
    if (end > at) {
      const plain = decoded(text.slice(at, end), fault);
      if (around === top && plain.trim() !== '') throw fault('text outside the root element');
      around.text += plain;
      at = end;
      continue;
    }
    if (text.startsWith('<!--', at)) {
      at += 4;
      skipTo('-->', 'a comment');
    } else if (text.startsWith('<![CDATA[', at)) {
      at += 9;
      const inner = skipTo(']]>', 'CDATA');
      if (around === top) throw fault('text outside the root element');
      around.text += inner;
    } else if (text.startsWith('<?', at)) {
      at += 2;
      skipTo('?>', 'a processing instruction');
    } else if (text.startsWith('<!', at)) {
      throw fault('a document type (<!DOCTYPE), which is not read,');
    } else if (text.startsWith('</', at)) {
      at += 2;
      const name = match(NAME);
      match(SPACE);
      if (text[at] !== '>' || around === top || name !== around.name)
        throw fault(`</${name ?? ''}> where </${around.name}> was expected`);
      at++;
      open.pop();
    } else {
      at++;
      const name = match(NAME);
      if (name === undefined) throw fault('no name of an element');
      while (match(ATTRIBUTE) !== undefined);
      match(SPACE);
      const empty = text[at] === '/';
      if (empty) at++;
      if (text[at] !== '>') throw fault(`<${name}> is not closed`);
      at++;
      const element: Xml = { name, text: '', children: [] };
      if (around === top && top.children.length > 0) throw fault('a second root element');
      around.children.push(element);
      if (empty) continue;
      if (open.length > DEEPEST) throw fault(`elements nest more than ${DEEPEST} deep`);
      open.push(element);
    }
  }
  if (open.length > 1) throw fault(`<${(open[open.length - 1] as Xml).name}> has no end`);
  const root = top.children[0];
  if (!root) throw fault('no element');
  return root;
}

function decoded(text: string, fault: (what: string) => XmlFault): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;]{0,12};?)/g, (_, found: string) => {
    const name = found.endsWith(';') ? found.slice(0, -1) : '';
    const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
    if (known !== undefined) return known;
    const number = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(name);
    const code = number
      ? Number.parseInt(number[1] ?? (number[2] as string), number[1] ? 16 : 10)
      : Number.NaN;
    if (code > 0 && code <= 0x10ffff) return String.fromCodePoint(code);
    throw fault(`an unknown entity &${name};`);
  });
}

/** The text of the first child of a name, without space around it. */
export const textOf = (element: Xml | undefined, name: string): string | undefined =>
  childOf(element, name)?.text.trim();

export const childOf = (element: Xml | undefined, name: string): Xml | undefined =>
  element?.children.find((child) => child.name === name);
