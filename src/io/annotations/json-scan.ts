/**
 * A JSON object whose lists are too large for one string, read as a stream: each element of a list is handed on as it is
 * reached, with the bytes it takes in the file. `JSON.parse` sees single elements only, so the file may have any size.
 */
import { setImmediate } from 'node:timers/promises';
import { RxaugError, show } from '../../core/index.js';
import { ByteWindow } from './byte-window.js';

/** One element of a list. */
export interface Element {
  /** Undefined where the element is no JSON, such as `{"area": NaN}`. */
  readonly value: unknown;
  readonly offset: number;
  readonly length: number;
}

export interface ScanOptions {
  /** Called with each element of the list of this name. */
  readonly lists: Readonly<Record<string, (element: Element) => void>>;
  /** Bytes of one element, or of one name, at the most. */
  readonly maxElement?: number;
}

/** Deeper than any annotation. */
const DEEPEST = 200;
/** Bytes between two turns for timers and signals. */
const TURN = 4 << 20;

const [QUOTE, COMMA, COLON, BACKSLASH] = [34, 44, 58, 92];
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [91, 93, 123, 125];

/**
 * Reads a file that holds one object. Lists that are asked for go element by element; all else is passed over.
 *
 * @returns the names at the top that were passed over
 * @throws RxaugError `path: …` where the file is no such object, ends too early or holds a value of too many bytes
 */
export async function scanJson(path: string, options: ScanOptions): Promise<string[]> {
  const window = new ByteWindow(path);
  try {
    return await new Scan(path, window, options).read();
  } finally {
    window.close();
  }
}

class Scan {
  private readonly most: number;
  private turned = 0;

  constructor(
    private readonly path: string,
    private readonly window: ByteWindow,
    private readonly options: ScanOptions,
  ) {
    this.most = options.maxElement ?? 256 << 20;
  }

  async read(): Promise<string[]> {
    const { window } = this;
    while (window.end < 3 && window.more());
    if (window.buffer.readUIntBE(0, 3) === 0xefbbbf && window.end >= 3) window.at = 3;
    const first = this.skipSpace();
    if (first === OPEN_LIST)
      throw this.fault(
        0,
        'expected an object but it is a list, as of detections; give the annotations themselves',
      );
    if (first !== OPEN) throw this.wrong('{');
    window.at++;
    const seen = new Set<string>();
    const passed: string[] = [];
    if (this.skipSpace() === CLOSE) window.at++;
    else
      for (;;) {
        const name = this.name();
        if (seen.has(name))
          throw this.fault(this.place(), `its field ${show(name)} is there twice; remove one`);
        seen.add(name);
        if (this.skipSpace() !== COLON) throw this.wrong(':');
        window.at++;
        const take = Object.hasOwn(this.options.lists, name) ? this.options.lists[name] : undefined;
        if (!take) {
          passed.push(name);
          await this.passOver();
        } else await this.list(name, take);
        const after = this.skipSpace();
        if (after !== COMMA && after !== CLOSE) throw this.wrong(', or }');
        window.at++;
        if (after === CLOSE) break;
      }
    if (this.skipSpace() !== -1) throw this.wrong('its end');
    return passed;
  }

  private async list(name: string, take: (element: Element) => void): Promise<void> {
    const { window } = this;
    if (this.skipSpace() !== OPEN_LIST)
      throw this.fault(this.place(), `expected ${show(name)} to be a list; correct the file`);
    window.at++;
    if (this.skipSpace() === CLOSE_LIST) {
      window.at++;
      return;
    }
    for (;;) {
      take(this.element());
      const after = this.skipSpace();
      if (after !== COMMA && after !== CLOSE_LIST) throw this.wrong(', or ]');
      window.at++;
      if (after === CLOSE_LIST) return;
      await this.turn();
    }
  }

  /** Lists that are passed over go element by element too: the whole of one may be larger than memory. */
  private async passOver(): Promise<void> {
    if (this.skipSpace() === OPEN_LIST) await this.list('', () => {});
    else this.element();
  }

  private name(): string {
    if (this.skipSpace() !== QUOTE) throw this.wrong('a name in quotes');
    const { value, offset } = this.element();
    if (typeof value === 'string') return value;
    throw this.fault(offset, 'expected a name in quotes; correct the file');
  }

  private element(): Element {
    const { window } = this;
    this.skipSpace();
    window.mark = window.at;
    this.toEnd();
    const from = window.mark;
    const offset = window.start + from;
    const length = window.at - from;
    window.mark = -1;
    if (length === 0) throw this.wrong('a value');
    let value: unknown;
    try {
      value = JSON.parse(window.buffer.toString('utf8', from, window.at));
    } catch {
      value = undefined;
    }
    window.shrink();
    return { value, offset, length };
  }

  /** Moves `at` behind the value that begins there. */
  private toEnd(): void {
    const { window } = this;
    let depth = 0;
    let inText = false;
    for (;;) {
      const { buffer, end } = window;
      let at = window.at;
      for (; at < end; at++) {
        const byte = buffer[at] as number;
        if (inText) {
          if (byte === BACKSLASH) {
            if (at + 1 >= end) break; // the escaped byte comes with the next ones
            at++;
          } else if (byte === QUOTE) {
            inText = false;
            if (depth === 0) {
              window.at = at + 1;
              return;
            }
          }
        } else if (byte === QUOTE) inText = true;
        else if (byte === OPEN || byte === OPEN_LIST) {
          if (++depth > DEEPEST)
            throw this.fault(window.start + at, `it nests more than ${DEEPEST} deep; correct the file`);
        } else if (byte === CLOSE || byte === CLOSE_LIST) {
          if (depth === 0) break;
          if (--depth === 0) {
            window.at = at + 1;
            return;
          }
        } else if (depth === 0 && (byte === COMMA || byte <= 32 || byte === COLON)) break;
      }
      window.at = at;
      const stopped = at < end && !(inText && buffer[at] === BACKSLASH);
      if (stopped) return; // behind a number, true, false or null
      if (window.at - window.mark > this.most)
        throw this.fault(
          window.start + window.mark,
          `one of its values has more than ${this.most} bytes; split it`,
        );
      if (!window.more()) {
        if (depth === 0 && !inText) return;
        throw this.fault(window.start + window.at, 'it ends too early; restore the file');
      }
    }
  }

  /** The next byte that is no space, or -1 at the end. */
  private skipSpace(): number {
    const { window } = this;
    for (;;) {
      for (; window.at < window.end; window.at++) {
        const byte = window.buffer[window.at] as number;
        if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return byte;
      }
      if (!window.more()) return -1;
    }
  }

  private async turn(): Promise<void> {
    const place = this.place();
    if (place - this.turned < TURN) return;
    this.turned = place;
    await setImmediate();
  }

  private place(): number {
    return this.window.start + this.window.at;
  }

  private wrong(what: string): RxaugError {
    const byte = this.skipSpace();
    if (byte === -1) return this.fault(this.place(), 'it ends too early; restore the file');
    return this.fault(
      this.place(),
      `expected ${what} but found ${show(String.fromCharCode(byte))}; it is no JSON of annotations, or damaged: restore the file`,
    );
  }

  private fault(place: number, what: string): RxaugError {
    return new RxaugError(`${this.path}: byte ${place}: ${what}`);
  }
}
