/** Reads examples with the compiler: what they declare and use, and where they say what they print. */
import fs from 'node:fs';
import path from 'node:path';
import {
  isArrowFunction,
  isAwaitExpression,
  isCallExpression,
  isExpressionStatement,
  isIdentifier,
  isImportDeclaration,
  isPropertyAccessExpression,
  isVariableStatement,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

/** Compiler options of the examples: those of a strict project of a user's own. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['*.ts'],
};

/** Opens a folder of example files as one project; `use(project)` may not outlive it. */
export function withProject(folder, use) {
  fs.writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const api = new API({ cwd: folder });
  try {
    const snapshot = api.updateSnapshot({ openProjects: [path.join(folder, 'tsconfig.json')] });
    const project = snapshot.getProjects()[0];
    if (project === undefined) throw new Error('examples: the compiler found no project');
    return use(project);
  } finally {
    api.close();
  }
}

/** The names that a file declares or imports at its top, and every identifier in it. */
export function namesOf(file) {
  const declared = new Set();
  const used = new Set();
  for (const statement of file.statements) {
    if (isImportDeclaration(statement)) collect(statement.importClause, declared);
    else if (isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) collect(name, declared);
    } else if (statement.name) collect(statement.name, declared);
  }
  collect(file, used);
  return { declared, used };
}

function collect(node, into) {
  if (node === undefined) return;
  if (isIdentifier(node)) into.add(node.text);
  node.forEachChild((child) => void collect(child, into));
}

/**
 * The checks in a file: each is a statement and the text that `// → …` gives for it, on the statement's last
 * line or on lines of its own right below. `stray` holds the lines of arrows that belong to no statement.
 */
export function checksOf(file) {
  const { text } = file;
  const checks = [];
  const read = new Set();
  for (const statement of file.statements) {
    const expected = [];
    let line = lineAt(text, statement.end);
    const rest = /^[^\n]*/.exec(text.slice(statement.end))[0];
    const same = /^\s*\/\/\s*→ ?(.*)$/.exec(rest);
    if (same) {
      expected.push(same[1]);
      read.add(line);
    }
    const lines = text.split('\n');
    for (line++; same || expected.length > 0 || rest.trim() === ''; line++) {
      const below = /^\s*\/\/\s*→ ?(.*)$/.exec(lines[line - 1] ?? '');
      if (!below) break;
      expected.push(below[1]);
      read.add(line);
    }
    if (expected.length > 0)
      checks.push({
        ...subject(statement, text),
        line: lineAt(text, statement.end),
        expected: expected.join('\n'),
      });
  }
  const stray = text
    .split('\n')
    .flatMap((each, i) => (each.includes('// →') && !read.has(i + 1) ? [i + 1] : []));
  return { checks, stray };
}

/** What is compared: what the statement printed, or the value of its expression or its only variable. */
function subject(statement, text) {
  const start = statement.getStart();
  if (isExpressionStatement(statement)) {
    const { expression } = statement;
    if (prints(expression)) return { kind: 'printed', start, end: statement.end };
    return {
      kind: 'value',
      start,
      end: statement.end,
      code: text.slice(expression.getStart(), expression.end),
    };
  }
  const declarations = isVariableStatement(statement) ? statement.declarationList.declarations : [];
  if (declarations.length === 1 && isIdentifier(declarations[0].name))
    return { kind: 'variable', end: statement.end, code: declarations[0].name.text };
  return { kind: 'printed', start, end: statement.end };
}

/** A call of console.log, or of what calls it: `await lines.forEach(console.log)`. */
function prints(node) {
  if (isAwaitExpression(node)) return prints(node.expression);
  if (!isCallExpression(node)) return false;
  return isConsole(node.expression) || [...node.arguments].some(mentionsConsole);
}
const isConsole = (node) =>
  isPropertyAccessExpression(node) && isIdentifier(node.expression) && node.expression.text === 'console';
const mentionsConsole = (node) => isConsole(node) || (isArrowFunction(node) && holdsConsole(node));
const holdsConsole = (node) => {
  let found = isConsole(node);
  node.forEachChild((child) => {
    found ||= holdsConsole(child);
  });
  return found;
};

const lineAt = (text, position) => text.slice(0, position).split('\n').length;
