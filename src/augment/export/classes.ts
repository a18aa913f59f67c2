/**
 * Python functions and classes that a file for torchvision may need in addition to torchvision's: each draws as the
 * transform of ours does, then changes the image by functional operations. They are modules in `python/`, which can
 * be checked and run as they are; a file gets those definitions that it uses, and no more.
 */
import { readFileSync } from 'node:fs';

/** In the order in which definitions are written: those of a later module may use those of an earlier one. */
const MODULES = ['common', 'geometry', 'color', 'policies', 'timm'] as const;

interface Definition {
  readonly name: string;
  readonly text: string;
  /** Other definitions that it calls or extends. */
  readonly needs: readonly string[];
}

let read: readonly Definition[] | undefined;

/** All definitions; read once, when the first file is written. */
function definitions(): readonly Definition[] {
  if (read) return read;
  const texts = MODULES.flatMap((name) => {
    const module = readFileSync(new URL(`./python/${name}.py`, import.meta.url), 'utf8').replace(
      /\r\n/g,
      '\n',
    );
    return module.split(/^(?=(?:def|class) )/m).slice(1); // docstring and imports come before the first
  });
  const named = texts.map((text) => ({ name: /^\w+ (\w+)/.exec(text)?.[1] as string, text: text.trimEnd() }));
  read = named.map(({ name, text }) => {
    const code = text.replace(/"""[\s\S]*?"""/g, '');
    const uses = (other: string) => new RegExp(`(?<![\\w.])${other}\\(|\\(${other}\\)`).test(code);
    const needs = named.map((each) => each.name).filter((other) => other !== name && uses(other));
    return { name, text: `${text}\n`, needs };
  });
  return read;
}

/** The text of the used classes and of those they need, in a fixed order. */
export function classesOf(used: ReadonlySet<string>): string {
  const all = definitions();
  const needed = new Set<string>();
  const need = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    all.find((each) => each.name === name)?.needs.forEach(need);
  };
  used.forEach(need);
  return all
    .filter(({ name }) => needed.has(name))
    .map(({ text }) => `\n\n${text}`)
    .join('');
}
