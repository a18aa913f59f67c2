/** Code in colors: comments, strings, numbers and keywords of TypeScript, shell and JSON. */

const KEYWORDS = new Set(
  (
    'abstract any as async await boolean break case catch class const continue declare default delete do else ' +
    'enum export extends false finally for from function get if implements import in infer instanceof interface ' +
    'is keyof let namespace never new null number object of override private protected public readonly return ' +
    'satisfies set static string super switch this throw true try type typeof undefined unknown using var void ' +
    'while yield'
  ).split(' '),
);
const SCRIPT =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|(?<number>\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b)|(?<word>[A-Za-z_$][\w$]*)/g;
const SHELL =
  /(?<comment>(?:^|(?<=\s))#[^\n]*)|(?<string>'[^']*'|"(?:\\.|[^"\\])*")|(?<option>(?<=\s)--?[a-zA-Z][\w-]*)/g;

export const escapeHtml = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** @param link gives the address that a name links to, or undefined. */
export function highlight(code, language = 'ts', link = () => undefined) {
  if (['sh', 'bash', 'shell', 'console'].includes(language)) return spans(code, SHELL);
  if (!['ts', 'js', 'mjs', 'typescript', 'javascript', 'json'].includes(language)) return escapeHtml(code);
  return spans(code, SCRIPT, (word, before, after) => {
    // A property of that name is something else.
    const href = before === '.' || /^[?:]/.test(after) ? undefined : link(word);
    if (href) return `<a href="${href}">${escapeHtml(word)}</a>`;
    return KEYWORDS.has(word) ? `<span class="k">${word}</span>` : escapeHtml(word);
  });
}

const CLASSES = { comment: 'c', string: 's', number: 'n', option: 'k' };

function spans(code, pattern, onWord = (word) => escapeHtml(word)) {
  let out = '';
  let from = 0;
  for (const match of code.matchAll(pattern)) {
    out += escapeHtml(code.slice(from, match.index));
    from = match.index + match[0].length;
    const [kind] = Object.entries(match.groups).find(([, text]) => text !== undefined);
    out +=
      kind === 'word'
        ? onWord(match[0], code[match.index - 1], code.slice(from, from + 2))
        : `<span class="${CLASSES[kind]}">${escapeHtml(match[0])}</span>`;
  }
  return out + escapeHtml(code.slice(from));
}
