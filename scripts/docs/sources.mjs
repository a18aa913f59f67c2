/** Where each transform is defined, and what its source file says about its options. */
import fs from 'node:fs';
import path from 'node:path';

/** Files that define a transform, by its name: { file, about } where `about` holds the comments by option. */
export function readSources(folder) {
  const found = new Map();
  for (const file of fs.readdirSync(folder, { recursive: true }).map(String).sort()) {
    if (!file.endsWith('.ts')) continue;
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    const defined = /define(?:Batch)?Transform(?:<[^(]*>)?\(\{\s*name: '(\w+)'/g;
    const names = [...text.matchAll(defined)].map((match) => match[1]);
    for (const name of names) found.set(name, { about: aboutOptions(text, name), file });
  }
  return found;
}

const words = (comment) =>
  comment
    .replace(/^\s*\/\*\*?|\*\/\s*$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join('\n')
    .trim();

/** The comment right above each option, within the braces of `options: z.strictObject({ … })`. */
function aboutOptions(text, name) {
  const from = text.indexOf(`name: '${name}'`);
  const open = text.indexOf('z.strictObject({', text.indexOf('options:', from));
  if (from < 0 || open < 0) return {};
  const body = text.slice(open, closing(text, text.indexOf('{', open)));
  const about = {};
  for (const [, comment, option] of body.matchAll(/(\/\*\*(?:(?!\*\/)[\s\S])*\*\/)\s*(\w+):/g)) {
    about[option] = words(comment).replace(/\s*\n\s*/g, ' ');
  }
  return about;
}

function closing(text, open) {
  let depth = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++;
    if (text[i] === '}' && --depth === 0) return i;
  }
  return text.length;
}
