/** Declarations as a reader needs them: without bodies, private members and what the compiler alone needs. */
import {
  isArrowFunction,
  isClassDeclaration,
  isConstructorDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isVariableDeclaration,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { NodeBuilderFlags, SignatureKind, TypeFlags } from 'typescript/unstable/sync';
import { readsSchema, schedules } from './options.mjs';

const HIDDEN = new Set([SyntaxKind.PrivateKeyword]);
const WHOLE = NodeBuilderFlags.NoTruncation;
/** Longer types of constants say nothing to a reader. */
const LONGEST_TYPE = 300;

/** The text that stands for a declaration on its page. */
export function declarationText(node, checker, symbol) {
  const text = node.getSourceFile().text;
  if (isFunctionDeclaration(node)) return functionText(node, text, checker, symbol);
  if (isClassDeclaration(node)) return classText(node, text);
  if (isVariableDeclaration(node)) return variableText(node, text, checker, symbol);
  const own = text.slice(node.getStart(), node.end).replace(/^export (default )?/, '');
  // What a schema gives is unreadable; its properties are what a reader looks for.
  return readsSchema(node, own) ? whole(own, checker, symbol) : own;
}

function whole(own, checker, symbol) {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  if (type && type.flags & TypeFlags.Union)
    return `type ${symbol.name} = ${checker.typeToString(type, undefined, WHOLE).replaceAll(' | {', '\n  | {')}`;
  return own.length > LONGEST_TYPE ? `type ${symbol.name} = { … }` : own;
}

function functionText(node, text, checker, symbol) {
  const head = text.slice(node.getStart(), node.body ? node.body.getStart() : node.end).trim();
  const plain = head.replace(/^export (default )?/, '').replace(/^async /, '');
  return node.type ? plain : `${plain}: ${returned(checker, symbol)}`;
}

function returned(checker, symbol) {
  const type = checker.getTypeOfSymbol(symbol);
  const [signature] = type ? checker.getSignaturesOfType(type, SignatureKind.Call) : [];
  const result = signature && checker.getReturnTypeOfSignature(signature);
  return result ? checker.typeToString(result) : 'unknown';
}

function variableText(node, text, checker, symbol) {
  const name = text.slice(node.name.getStart(), node.name.end);
  const { initializer } = node;
  if (!node.type && initializer && (isArrowFunction(initializer) || isFunctionExpression(initializer))) {
    const end = isArrowFunction(initializer)
      ? initializer.equalsGreaterThanToken.getStart()
      : initializer.body.getStart();
    const head = text
      .slice(initializer.getStart(), end)
      .trim()
      .replace(/^async /, '');
    const parameters = head.startsWith('(') || head.startsWith('<') ? head : `(${head})`;
    return `function ${name}${parameters}${initializer.type ? '' : `: ${returned(checker, symbol)}`}`;
  }
  if (node.type) return `const ${name}: ${text.slice(node.type.getStart(), node.type.end)}`;
  const type = checker.getTypeOfSymbol(symbol);
  const shown = type ? checker.typeToString(type) : '';
  if (shown.startsWith('Factory<')) return factoryText(name, checker.typeToString(type, undefined, WHOLE));
  return `const ${name}: ${shown.length > LONGEST_TYPE ? `${shown.slice(0, LONGEST_TYPE)} …` : shown}`;
}

/** The type of a transform's factory as a call: the names of its options, and what stands for them alone. */
function factoryText(name, type) {
  const open = type.indexOf('{');
  const keys = [...topLevel(type, open).matchAll(/(?:^|;)\s*(\w+):/g)].map((match) => match[1]);
  const [, shorthand] = typeArguments(type);
  const names = [...keys, 'p'].map((key) => `${key}?`);
  const flat = `{ ${names.join(', ')} }`;
  const options = flat.length < 60 ? flat : `{\n  ${names.join(',\n  ')},\n}`;
  return `function ${name}(options?: ${options}${shorthand ? ` | ${schedules(shorthand)}` : ''}): SampleOperator`;
}

/** Of `Factory<A, B>`, A and B. */
function typeArguments(type) {
  const inner = type.slice(type.indexOf('<') + 1, -1);
  const found = [''];
  let depth = 0;
  for (let i = 0; i < inner.length; i++) {
    // The arrow of a function type closes nothing.
    if ('{<[('.includes(inner[i])) depth++;
    else if ('}])'.includes(inner[i]) || (inner[i] === '>' && inner[i - 1] !== '=')) depth--;
    if (inner[i] === ',' && depth === 0) found.push('');
    else found[found.length - 1] += inner[i];
  }
  return found.map((each) => each.trim());
}

/** What stands between a brace and the one that closes it, without what stands in further brackets. */
function topLevel(text, open) {
  let depth = 0;
  let out = '';
  for (let i = open; i < text.length; i++) {
    if ('{<[('.includes(text[i])) depth++;
    else if ('}>])'.includes(text[i])) depth--;
    else if (depth === 1) out += text[i];
    if (depth === 0) return out;
  }
  return out;
}

function classText(node, text) {
  const first = node.members[0];
  const open = text.indexOf(
    '{',
    (node.heritageClauses ? [...node.heritageClauses].at(-1).end : node.name.end) - 1,
  );
  const head = text.slice(node.getStart(), first ? Math.min(open, first.pos) : open).trim();
  const members = [...node.members]
    .filter((member) => !isHidden(member, text))
    .map((member) => memberText(member, text));
  return `${head
    .replace(/^export (default )?/, '')
    .replace(/\{$/, '')
    .trim()} {\n${members.join('\n').replace(/^\n+/, '')}\n}`;
}

const isHidden = (member, text) =>
  [...(member.modifiers ?? [])].some(({ kind }) => HIDDEN.has(kind)) ||
  text.slice(member.getStart(), member.end).startsWith('#') ||
  member.kind === SyntaxKind.SemicolonClassElement;

function memberText(member, text) {
  const end = member.body ? member.body.getStart() : (member.initializer?.pos ?? member.end);
  const all = text
    .slice(member.pos, end)
    .replace(/^\n+/, '\n')
    .trimEnd()
    .replace(/ =$/, '')
    .replace(/\basync /, '');
  const shown = isConstructorDeclaration(member)
    ? all.replace(/\b(?:private|protected|public|readonly) /g, '')
    : all;
  return shown.endsWith(';') ? shown : `${shown};`;
}
