/** JSON of a value that may be huge, written only as far as it is shown. */
export class Brief {
  private text = '';
  private readonly around: object[] = [];

  constructor(private readonly most: number) {}

  /** Undefined for what has no JSON. Throws where a value contains itself. */
  of(value: unknown): string | undefined {
    return this.add(value) ? this.text : undefined;
  }

  private add(value: unknown): boolean {
    if (typeof value === 'string') this.text += JSON.stringify(value.slice(0, this.most));
    else if (typeof value === 'object' && value !== null) return this.addObject(value);
    else {
      const json = typeof value === 'bigint' ? String(value) : JSON.stringify(value);
      if (json === undefined) return false;
      this.text += json;
    }
    return true;
  }

  private addObject(value: object): boolean {
    if (this.around.includes(value)) throw new TypeError('a value contains itself');
    this.around.push(value);
    let there = true;
    if (ArrayBuffer.isView(value)) this.text += sizeOf(value);
    else if ('toJSON' in value && typeof value.toJSON === 'function') there = this.add(value.toJSON());
    else if (Array.isArray(value)) this.addList(value);
    else this.addFields(value as Readonly<Record<string, unknown>>);
    this.around.pop();
    return there;
  }

  private addList(values: readonly unknown[]): void {
    this.text += '[';
    for (let i = 0; i < values.length && this.text.length <= this.most; i++) {
      if (i > 0) this.text += ',';
      if (!this.add(values[i])) this.text += 'null';
    }
    this.text += ']';
  }

  private addFields(fields: Readonly<Record<string, unknown>>): void {
    let before = '{';
    for (const key in fields) {
      if (this.text.length > this.most) break;
      if (!Object.hasOwn(fields, key)) continue;
      const start = this.text;
      this.text += `${before}${JSON.stringify(key.slice(0, this.most))}:`;
      if (this.add(fields[key])) before = ',';
      else this.text = start;
    }
    this.text += before === '{' ? '{}' : '}';
  }
}

/** What a list of numbers is, in place of its numbers. */
export const sizeOf = (view: ArrayBufferView) => `${view.constructor.name}(${view.byteLength} bytes)`;
