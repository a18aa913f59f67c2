/** Runs every example of the docs on symbols: written as modules, type-checked in one run, executed. */
import { fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { fixtures } from './fixtures.mjs';
import { checksOf, namesOf, withProject } from './parse.mjs';

const RUNNER = fileURLToPath(new URL('./run-modules.mjs', import.meta.url));
/** Seconds after which one example is stopped. */
const LIMIT = 60;

/**
 * @param all what readSymbols gives: names that examples may use without an import
 * @param chosen the symbols whose examples are run
 * @returns {Promise<{ name: string, file: string, line: number, code: string, failures: string[] }[]>}
 */
export async function runExamples(root, all, chosen) {
  const examples = chosen.flatMap((symbol) =>
    symbol.examples.map((text) => ({ symbol, code: unfenced(text), failures: [] })),
  );
  if (examples.length === 0) return [];
  // Below the root, where 'rxaug' resolves to this package; in a folder that no check reads.
  const folder = fs.mkdtempSync(path.join(root, 'test', '.examples-docs-'));
  try {
    examples.forEach((example, i) => {
      example.path = path.join(folder, `${String(i).padStart(4, '0')}-${example.symbol.name}.ts`);
    });
    typeCheck(folder, examples, all);
    await execute(examples.filter(({ failures }) => failures.length === 0));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  return examples.map(({ symbol: { name, file, line }, code, failures }) => ({
    name,
    file,
    line,
    code,
    failures,
  }));
}

/** An example may stand in a fence, as some editors like it. */
const unfenced = (text) => /^```\w*\n([\s\S]*?)\n?```$/.exec(text.trim())?.[1] ?? text;

function typeCheck(folder, examples, all) {
  for (const { path: file, code } of examples) fs.writeFileSync(file, `${code}\nexport {};\n`);
  withProject(folder, ({ program }) => {
    for (const example of examples) {
      const file = program.getSourceFile(example.path);
      const { checks, stray } = checksOf(file);
      example.checks = checks;
      for (const line of stray)
        example.failures.push(
          `line ${line}: expected '// →' after a statement of the top level, on its last line or below it`,
        );
      example.head = imports(namesOf(file), example.symbol, all);
    }
  });
  for (const { path: file, head, code } of examples) fs.writeFileSync(file, `${head}${code}\nexport {};\n`);
  withProject(folder, ({ program }) => {
    for (const example of examples) {
      const diagnostics = [
        ...program.getSyntacticDiagnostics(example.path),
        ...program.getSemanticDiagnostics(example.path),
      ];
      for (const diagnostic of diagnostics) {
        const { text } = program.getSourceFile(example.path);
        const line = text.slice(0, diagnostic.pos ?? diagnostic.start ?? 0).split('\n').length - 1;
        example.failures.push(`line ${line}: ${messageOf(diagnostic)}`);
      }
    }
  });
}

const messageOf = ({ code, text, messageText, messageChain }) =>
  `TS${code}: ${text ?? messageText ?? ''}${(messageChain ?? []).map((each) => `; ${each.text}`).join('')}`;

/** One line of imports: of each public name that an example uses and does not declare. */
function imports({ declared, used }, symbol, all) {
  const from = new Map();
  for (const name of used) {
    if (declared.has(name)) continue;
    const found = all.filter((each) => each.name === name);
    if (found.length === 0) continue;
    // A name of two entry points: that of the documented symbol, else the first.
    const own =
      found.find(({ entries }) => entries.some((entry) => symbol.entries.includes(entry))) ?? found[0];
    const entry = own.entries.find((each) => symbol.entries.includes(each)) ?? own.entries[0];
    from.set(entry, [...(from.get(entry) ?? []), own.value ? name : `type ${name}`]);
  }
  return `${[...from].map(([entry, names]) => `import { ${names.join(', ')} } from '${entry}';`).join(' ')}\n`;
}

async function execute(examples) {
  const byModule = new Map();
  for (const example of examples) {
    const { code: js } = await transform(`${example.head}${checked(example)}\nexport {};\n`, {
      loader: 'ts',
      format: 'esm',
    });
    const file = example.path.replace(/\.ts$/, '.mjs');
    fs.writeFileSync(file, js);
    byModule.set(file, example);
  }
  const queue = [...byModule.keys()];
  const cwd = await fixtures();
  try {
    const processes = Math.min(2, os.availableParallelism(), queue.length);
    const share = Math.ceil(queue.length / processes);
    await Promise.all(
      Array.from({ length: processes }, (_, i) =>
        runAll(queue.slice(i * share, (i + 1) * share), byModule, cwd),
      ),
    );
  } finally {
    fs.rmSync(cwd, { recursive: true, force: true });
  }
}

/** Inserts the checks into the code, from the end, so positions stay valid. */
function checked({ code, checks }) {
  let text = code;
  for (const { kind, line, expected, start, end, code: subject } of [...checks].reverse()) {
    const about = `${line}, ${JSON.stringify(expected)}`;
    if (kind === 'value') text = `${text.slice(0, start)};__value(${about}, (${subject}));${text.slice(end)}`;
    else if (kind === 'variable')
      text = `${text.slice(0, end)};__value(${about}, ${subject});${text.slice(end)}`;
    else
      text = `${text.slice(0, start)};__clear();${text.slice(start, end)};__printed(${about});${text.slice(end)}`;
  }
  return text;
}

/** Runs modules in one process; when one brings it down, the rest in a new one. */
async function runAll(files, byModule, cwd) {
  let left = files;
  while (left.length > 0) {
    const done = new Set();
    const { current, why } = await runSome(left, cwd, (file, failures) => {
      done.add(file);
      byModule.get(file).failures.push(...failures);
    });
    if (current !== undefined && !done.has(current)) {
      byModule.get(current).failures.push(why);
      done.add(current);
    }
    if (done.size === 0) throw new Error(`examples: the process that runs them did not start: ${why}`);
    left = left.filter((file) => !done.has(file));
  }
}

function runSome(files, cwd, onDone) {
  return new Promise((resolve) => {
    let current;
    let timer;
    let errors = '';
    let why;
    const child = fork(RUNNER, files, { cwd, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr.on('data', (bytes) => {
      errors = (errors + bytes).slice(-2000);
    });
    child.on('message', ({ file, started, failures }) => {
      clearTimeout(timer);
      if (!started) return onDone(file, failures);
      current = file;
      timer = setTimeout(() => {
        why = `did not end within ${LIMIT} s`;
        child.kill('SIGKILL');
      }, LIMIT * 1000);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        current,
        why: why ?? `ended its process with ${signal ?? `code ${code}`}: ${errors.trim()}`,
      });
    });
  });
}
