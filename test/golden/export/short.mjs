/** Exported Python without the text that src/augment/export/python has: a line with the name of each definition. */
import { readdirSync, readFileSync } from 'node:fs';

const resources = new URL('../../../src/augment/export/python/', import.meta.url);

/** Definitions of the resource files, by their text. */
const names = new Map(
  readdirSync(resources)
    .filter((file) => file.endsWith('.py'))
    .flatMap((file) =>
      readFileSync(new URL(file, resources), 'utf8')
        .split(/^(?=(?:def|class) )/m)
        .slice(1)
        .map((text) => [`\n\n${text.trimEnd()}\n`, `# ${text.match(/^\w+ \w+/)[0]}: as in ${file}\n`]),
    ),
);

export function short(code) {
  let text = code;
  for (const [definition, line] of names) text = text.replace(definition, () => line);
  return text;
}
