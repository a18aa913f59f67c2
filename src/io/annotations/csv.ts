/** CSV by RFC 4180, piece by piece: fields in double quotes may hold delimiters, line ends and quotes, doubled. */

/** The reason why a text is no CSV from some line on. */
export class CsvFault extends Error {}

export interface CsvRecord {
  readonly fields: readonly string[];
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Why its fields mean nothing. */
  readonly fault?: string;
}

/** Characters of one record; a quote without an end would take the rest of the file. */
const LONGEST = 64 << 20;

enum At {
  Start,
  Plain,
  Quoted,
  /** Behind a quote inside a quoted field: its end, or the first of two. */
  Quote,
}

export class CsvReader {
  private state = At.Start;
  private fields: string[] = [];
  private field = '';
  private size = 0;
  private line = 1;
  private begun = 1;
  private fault: string | undefined;
  private first = true;
  private afterReturn = false;

  constructor(
    private readonly delimiter: string,
    private readonly take: (record: CsvRecord) => void,
  ) {}

  /** @throws CsvFault where a record has no end in sight */
  push(text: string): void {
    let at = this.first && text.startsWith('\ufeff') ? 1 : 0;
    if (text !== '') this.first = false;
    while (at < text.length) {
      const char = text[at] as string;
      if (this.afterReturn) {
        this.afterReturn = false;
        if (char === '\n') {
          at++;
          continue;
        }
      }
      if (this.state === At.Quoted) {
        const end = text.indexOf('"', at);
        const part = text.slice(at, end < 0 ? text.length : end);
        this.add(part);
        for (let n = part.indexOf('\n'); n >= 0; n = part.indexOf('\n', n + 1)) this.line++;
        at += part.length;
        if (end >= 0) {
          this.state = At.Quote;
          at++;
        }
      } else if (char === this.delimiter) {
        this.endField();
        at++;
      } else if (char === '\n' || char === '\r') {
        this.afterReturn = char === '\r';
        this.endRecord();
        this.line++;
        this.begun = this.line;
        at++;
      } else if (char === '"') {
        if (this.state === At.Start) this.state = At.Quoted;
        else if (this.state === At.Quote) {
          this.add('"');
          this.state = At.Quoted;
        } else this.wrong('a quote within a field that does not begin with one');
        at++;
      } else {
        if (this.state === At.Quote) this.wrong('text behind the quote that ends a field');
        this.state = At.Plain;
        let end = at + 1;
        while (end < text.length && !this.ends(text.charCodeAt(end))) end++;
        this.add(text.slice(at, end));
        at = end;
      }
    }
  }

  /** Ends the last record, if it has no line end. */
  end(): void {
    if (this.state === At.Quoted)
      throw new CsvFault(`line ${this.begun} begins a quoted field that has no end`);
    if (this.state !== At.Start || this.fields.length > 0) this.endRecord();
  }

  private ends(code: number): boolean {
    return code === 10 || code === 13 || code === 34 || code === this.delimiter.charCodeAt(0);
  }

  private add(part: string): void {
    this.field += part;
    this.size += part.length;
    if (this.size > LONGEST)
      throw new CsvFault(`line ${this.begun} begins a record of more than ${LONGEST} characters`);
  }

  private wrong(what: string): void {
    this.fault ??= `it has ${what}`;
    if (this.state === At.Quote) this.state = At.Plain;
  }

  private endField(): void {
    this.fields.push(this.field);
    this.field = '';
    this.state = At.Start;
  }

  private endRecord(): void {
    this.endField();
    const { fields, begun, fault } = this;
    const blank = fields.length === 1 && fields[0] === '';
    if (!blank) this.take({ fields, line: begun, ...(fault !== undefined && { fault }) });
    this.fields = [];
    this.size = 0;
    this.fault = undefined;
  }
}
