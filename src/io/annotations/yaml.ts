/**
 * The part of YAML that data-set descriptions use: nested maps and lists, in blocks or in brackets, quoted and plain
 * scalars, block texts. All scalars stay text, so a class named `no` keeps its name. Anchors, tags and documents are
 * refused.
 */

/** A scalar (null where it is absent), a list or a map. */
export type Yaml = string | null | Yaml[] | { readonly [key: string]: Yaml };

/** The reason why a text is not read. */
export class YamlFault extends Error {}

interface Line {
  readonly indent: number;
  readonly text: string;
  readonly number: number;
}

const DEEPEST = 32;
const KEY =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'[\]{},#&*!|>%@`?-][^:#[\]{}]*?|-[^\s:][^:#]*?):(?=\s|$)\s*/;

/** @throws YamlFault */
export function parseYaml(text: string): Yaml {
  const lines = linesOf(text);
  if (lines.length === 0) return null;
  const reader = new Reader(lines);
  const value = reader.block((lines[0] as Line).indent, 0);
  reader.end();
  return value;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .forEach((raw, i) => {
      if (/^\s*(#.*)?$/.test(raw) || (lines.length === 0 && /^---\s*$/.test(raw))) return;
      const spaces = /^ */.exec(raw)?.[0].length ?? 0;
      if (raw[spaces] === '\t') throw new YamlFault(`line ${i + 1} is indented by a tab`);
      lines.push({ indent: spaces, text: raw.slice(spaces).trimEnd(), number: i + 1 });
    });
  return lines;
}

class Reader {
  private at = 0;

  constructor(private readonly lines: readonly Line[]) {}

  end(): void {
    const line = this.lines[this.at];
    if (line) throw fault(line, 'is not read');
  }

  /** A map or a list whose lines have this indent. */
  block(indent: number, depth: number): Yaml {
    const line = this.lines[this.at] as Line;
    if (depth > DEEPEST) throw fault(line, 'nests too deep');
    return /^-(\s|$)/.test(line.text) ? this.list(indent, depth) : this.map(indent, depth);
  }

  private list(indent: number, depth: number): Yaml[] {
    const items: Yaml[] = [];
    for (
      let line = this.lines[this.at];
      line?.indent === indent && /^-(\s|$)/.test(line.text);
      line = this.lines[this.at]
    ) {
      this.at++;
      items.push(this.value(line, line.text.slice(1).trimStart(), indent, depth, false));
    }
    return items;
  }

  private map(indent: number, depth: number): Yaml {
    const fields: Record<string, Yaml> = Object.create(null) as Record<string, Yaml>;
    for (let line = this.lines[this.at]; line?.indent === indent; line = this.lines[this.at]) {
      const found = KEY.exec(line.text);
      if (!found) throw fault(line, 'is no key with a value');
      const key = scalar(found[1] as string, line) ?? '';
      if (key in fields) throw fault(line, `gives ${key} again`);
      this.at++;
      fields[key] = this.value(line, line.text.slice(found[0].length), indent, depth, true);
    }
    return fields;
  }

  /** What stands behind a key or a dash, or below it. */
  private value(line: Line, rest: string, indent: number, depth: number, inMap: boolean): Yaml {
    const next = this.lines[this.at];
    if (withoutComment(rest) === '') {
      // A list may stand at the indent of its key.
      const below =
        next && (next.indent > indent || (inMap && next.indent === indent && /^-(\s|$)/.test(next.text)));
      return below ? this.block(next.indent, depth + 1) : null;
    }
    if (/^[|>]/.test(rest)) return this.text(indent);
    if (/^[[{]/.test(rest)) return this.flow(line, rest);
    if (!inMap && KEY.test(rest)) throw fault(line, 'holds a map in a list, which is not read');
    return scalar(withoutComment(rest), line);
  }

  private text(indent: number): string {
    const lines: string[] = [];
    for (let line = this.lines[this.at]; line && line.indent > indent; line = this.lines[++this.at])
      lines.push(line.text);
    return lines.join('\n');
  }

  /** A list or map in brackets, over as many lines as it takes. */
  private flow(line: Line, rest: string): Yaml {
    return new Flow(rest, line, () => this.lines[this.at++]?.text).read();
  }
}

/** Reads brackets character by character. */
class Flow {
  private at = 0;

  constructor(
    private text: string,
    private readonly line: Line,
    private readonly next: () => string | undefined,
  ) {}

  read(): Yaml {
    const value = this.value(0);
    if (!/^\s*(#.*)?$/.test(this.text.slice(this.at))) throw fault(this.line, 'goes on behind its bracket');
    return value;
  }

  private value(depth: number): Yaml {
    if (depth > DEEPEST) throw fault(this.line, 'nests too deep');
    const open = this.char();
    if (open !== '[' && open !== '{') return this.plain();
    this.at++;
    const close = open === '[' ? ']' : '}';
    const items: Yaml[] = [];
    const fields: Record<string, Yaml> = Object.create(null) as Record<string, Yaml>;
    while (this.char() !== close) {
      const item = this.value(depth + 1);
      if (open === '[') items.push(item);
      else {
        if (this.char() !== ':' || typeof item !== 'string') throw fault(this.line, 'has a map without keys');
        if (item in fields) throw fault(this.line, `gives ${item} again`);
        this.at++;
        fields[item] = this.value(depth + 1);
      }
      const after = this.char();
      if (after === ',') this.at++;
      else if (after !== close) throw fault(this.line, 'has brackets that do not fit');
    }
    this.at++;
    return open === '[' ? items : fields;
  }

  private plain(): Yaml {
    const pattern = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^[\]{},:"'#](?:[^[\]{},:]|:(?=\S)(?![,[\]{}]))*/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) throw fault(this.line, 'has brackets that do not fit');
    this.at += found.length;
    return scalar(withoutComment(found), this.line);
  }

  /** The next character that is no space or comment, on whichever line. */
  private char(): string {
    for (;;) {
      const pattern = /\s*(?:#.*)?/y;
      pattern.lastIndex = this.at;
      this.at += pattern.exec(this.text)?.[0].length ?? 0;
      if (this.at < this.text.length) return this.text[this.at] as string;
      const next = this.next();
      if (next === undefined) throw fault(this.line, 'begins a bracket that has no end');
      this.text = next;
      this.at = 0;
    }
  }
}

function withoutComment(text: string): string {
  const quoted = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?=\s*(?:#|$))/.exec(text)?.[0];
  return quoted ?? text.replace(/(^|\s)#.*$/, '').trim();
}

function scalar(text: string, line: Line): string | null {
  if (text === '' || text === '~' || text === 'null') return null;
  if (text.startsWith('"')) {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'string') return value;
    } catch {
      // told below
    }
    throw fault(line, 'has a quoted text that is not read');
  }
  if (text.startsWith("'")) {
    if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
    throw fault(line, 'has a quoted text that is not read');
  }
  if (/^[&*!%@`|>]/.test(text)) throw fault(line, `begins a value with ${text[0]}, which is not read`);
  return text;
}

const fault = (line: Line, what: string) => new YamlFault(`line ${line.number} ${what}`);
