/** A text file piece by piece: for tables of any size. */
import { setImmediate } from 'node:timers/promises';
import { RxaugError, UsageError } from '../../core/index.js';
import { unreadable } from '../files.js';
import { codeOf } from '../problems.js';
import { ByteWindow } from './byte-window.js';

/** Pieces of the text in order. @throws UsageError where the file cannot be read; RxaugError where it is no UTF-8 */
export async function* textChunks(owner: string, path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let window: ByteWindow | undefined;
  try {
    window = new ByteWindow(path);
    while (window.more()) {
      const { at, end, buffer } = window;
      window.at = end;
      yield decode(owner, path, decoder, buffer.subarray(at, end));
      await setImmediate(); // lets Ctrl-C and timers through
    }
    yield decode(owner, path, decoder);
  } catch (error) {
    if (codeOf(error) === undefined || error instanceof RxaugError) throw error;
    throw new UsageError(`${owner}: ${unreadable(error, path)}`, { cause: error });
  } finally {
    window?.close();
  }
}

function decode(owner: string, path: string, decoder: TextDecoder, bytes?: Uint8Array): string {
  try {
    return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
  } catch (error) {
    throw new RxaugError(`${owner}: ${path} is no UTF-8 text; save it as UTF-8, unpacked`, { cause: error });
  }
}
