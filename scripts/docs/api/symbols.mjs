/** Every symbol that the package exports, with its doc and its declaration, as the compiler reads them. */
import path from 'node:path';
import { SyntaxKind } from 'typescript/unstable/ast';
import { API, SymbolFlags } from 'typescript/unstable/sync';
import { declarationText } from './declarations.mjs';
import { entryPoints } from './entries.mjs';
import { optionTables } from './options.mjs';

const KINDS = [
  [SymbolFlags.Class, 'class'],
  [SymbolFlags.Function, 'function'],
  [SymbolFlags.Enum, 'enum'],
  [SymbolFlags.Variable, 'constant'],
  [SymbolFlags.Interface, 'interface'],
  [SymbolFlags.TypeAlias, 'type'],
  [SymbolFlags.Module, 'namespace'],
];

/**
 * One record a symbol, by its declaration (`declarations` and `options` are filled where `shown`): a symbol that several entry points export is one record.
 * `external` ones are declared by another package. `examples` are the texts of its `@example` tags.
 *
 * @returns {{ name: string, entries: string[], kind: string, value: boolean, external: boolean, file: string,
 *   line: number, doc: string, tags: { name: string, text: string }[], examples: string[],
 *   declarations: string[], options: object[] }[]}
 */
export function readSymbols(root, shown = false) {
  const api = new API({ cwd: root });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [path.join(root, 'tsconfig.json')] });
    const project = snapshot.getProjects()[0];
    if (project === undefined) throw new Error('tsconfig.json: the compiler found no project in it');
    const found = new Map();
    for (const entry of entryPoints(root)) readEntry(root, project, entry, found, shown);
    return [...found.values()].sort((a, b) => order(a.name, b.name));
  } finally {
    api.close();
  }
}

const order = (a, b) => a.toLowerCase().localeCompare(b.toLowerCase(), 'en') || (a < b ? -1 : 1);

function readEntry(root, project, { specifier, file }, found, shown) {
  const { checker, program } = project;
  const source = program.getSourceFile(path.join(root, file));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file}: the compiler did not read it as a module`);
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const key = `${exported.name}\0${symbol.id}`;
    const known = found.get(key);
    if (known) known.entries.push(specifier);
    else found.set(key, record(root, project, exported, symbol, specifier, shown));
  }
}

function record(root, project, exported, symbol, specifier, shown) {
  const { checker } = project;
  const nodes = (symbol.declarations ?? []).map((handle) => handle.resolve(project)).filter(Boolean);
  const [first] = nodes;
  const at = first ? first.getSourceFile() : undefined;
  const file = at ? path.relative(root, at.fileName).split(path.sep).join('/') : '';
  const external = !file.startsWith('src/');
  const tags = symbol.getJsDocTags(checker).map((tag) => ({ name: tag.name, text: tag.text ?? '' }));
  const value = (symbol.flags & SymbolFlags.Value) !== 0 && !isTypeOnly(project, exported);
  return {
    name: exported.name,
    entries: [specifier],
    kind: KINDS.find(([flag]) => symbol.flags & flag)?.[1] ?? 'other',
    value,
    external,
    file,
    line: at && first ? lineOf(at.text, startOf(first, at)) : 0,
    doc: symbol.getDocumentationComment(checker).trim(),
    tags: tags.filter((tag) => tag.name !== 'example'),
    examples: tags.filter((tag) => tag.name === 'example').map(({ text }) => text.trim()),
    declarations: external || !shown ? [] : nodes.map((node) => declarationText(node, checker, symbol)),
    options: external || !shown ? [] : nodes.flatMap((node) => optionTables(node, checker, symbol)),
  };
}

const startOf = (node) => node.getStart();
const lineOf = (text, position) => text.slice(0, position).split('\n').length;

/** Whether a name is exported by `export type`, somewhere on its way: a class is no value then. */
function isTypeOnly(project, exported) {
  for (let symbol = exported; symbol && symbol.flags & SymbolFlags.Alias; ) {
    for (const handle of symbol.declarations ?? []) {
      // The specifier, or the declaration of several.
      for (let node = handle.resolve(project), up = 0; node && up < 3; node = node.parent, up++)
        if (node.isTypeOnly || node.phaseModifier === SyntaxKind.TypeKeyword) return true;
    }
    symbol = project.checker.getImmediateAliasedSymbol(symbol);
  }
  return false;
}
