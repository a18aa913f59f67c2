/** Reads the types of `@main` in the text of a program, and compares them with what is declared. */
import { RxaugError } from '../../core/index.js';
import { mlirType, type Port } from './dtypes.js';

/**
 * The types of the arguments of `@main`, in order: `tensor<2x3xf32>`.
 *
 * @throws RxaugError where the text has no such function
 */
export function argumentsOf(name: string, text: string): string[] {
  const start = text.indexOf('@main(');
  const end = start < 0 ? -1 : closing(text, start + '@main('.length);
  if (end < 0)
    throw new RxaugError(
      `PJRT program '${name}': its text has no function @main; write a StableHLO module with one`,
    );
  const found = text.slice(start, end).matchAll(/%[\w$.-]+\s*:\s*(tensor<[^>]*>)/g);
  return Array.from(found, ([, type]) => type);
}

/** Some plugins do not check sizes, and would read past the end of a buffer. */
export function checkInputs(name: string, text: string, inputs: readonly Port[]): void {
  const real = argumentsOf(name, text);
  if (real.length !== inputs.length)
    throw new RxaugError(
      `PJRT program '${name}': ${inputs.length} inputs are declared and its text has ${real.length}; declare those of its text`,
    );
  const wrong = inputs.findIndex((port, i) => mlirType(port) !== real[i]);
  if (wrong >= 0)
    throw new RxaugError(
      `PJRT program '${name}': input '${inputs[wrong].name}' is declared ${mlirType(inputs[wrong])} and is ${real[wrong]} in its text; declare that`,
    );
}

/** The parenthesis that closes one before `from`; texts in quotes are passed over. */
function closing(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      at = endOfQuote(text, at + 1);
      if (at < 0) return -1;
    } else if (char === '(') depth++;
    else if (char === ')' && --depth === 0) return at;
  }
  return -1;
}

function endOfQuote(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}
