/** What the source files say of themselves: the header of each transform's file, and the words on its options. */
import fs from 'node:fs';
import path from 'node:path';

/** Files that define a transform, by its name: { header, about } where `about` holds words by option. */
export function readSources(folder) {
  const found = new Map();
  for (const file of fs.readdirSync(folder, { recursive: true }).map(String).sort()) {
    if (!file.endsWith('.ts')) continue;
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    const defined = /define(?:Batch)?Transform(?:<[^(]*>)?\(\{\s*name: '(\w+)'/g;
    const names = [...text.matchAll(defined)].map((match) => match[1]);
    for (const name of names)
      found.set(name, { header: firstComment(text), about: aboutOptions(text, name), file });
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

export const headerOf = (file) => firstComment(fs.readFileSync(file, 'utf8'));

/** Paragraphs of the first comment. */
function firstComment(text) {
  const comment = /^\s*(\/\*\*[\s\S]*?\*\/)/.exec(text);
  return words(comment?.[1] ?? '')
    .split(/\n\n+/)
    .map((paragraph) => paragraph.replace(/\n/g, ' '))
    .join('\n\n');
}

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
