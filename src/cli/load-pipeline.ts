/** Imports a pipeline script, TypeScript or JavaScript; a failure to load is one sentence with file and line. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from '../augment/index.js';
import { messageOf, RxaugError, show, UsageError } from '../core/index.js';
import { faultOf, type Pipeline } from '../pipeline/define-pipeline.js';
import { exportHint } from './export-hint.js';
import { loadPlugins } from './load-plugins.js';
import { registerLoader } from './loader/register.js';
import { strip } from './loader/strip.js';
import { say } from './out.js';

/** A pipeline with its file and the plugins that it names. */
export type LoadedPipeline = Pipeline & { readonly file: string; readonly loaded: readonly Plugin[] };

/** `plugins` are those of `--plugin`, in addition to the pipeline's own. */
export async function loadPipeline(path: string, plugins: readonly string[] = []): Promise<LoadedPipeline> {
  const file = fileOf(path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new UsageError(`no pipeline at '${path}'; give the path of a .ts or .js file`);
  if (!found.isFile()) throw new UsageError(`'${path}' is not a file; give the path of a .ts or .js file`);
  // Before the hooks are in place: each module that is loaded after them is asked of their thread first.
  await import('../index.js');
  registerLoader();
  let exported: unknown;
  try {
    exported = await defaultOf(pathToFileURL(file).href);
  } catch (error) {
    if (error === NO_DEFAULT) {
      throw new UsageError(`${path}: it has no default export; write export default definePipeline({ … })`);
    }
    throw await explained(error, file);
  }
  const fault = faultOf(exported);
  if (fault) throw new UsageError(`${path}: ${fault}; write export default definePipeline({ … })`);
  const pipeline = exported as Pipeline;
  const own = { names: pipeline.plugins ?? [], pipeline: file };
  return { ...pipeline, file, loaded: await loadPlugins(own, { names: plugins }) };
}

/** Scripts that come with rxaug: `pipelines/prepare.ts`, as the guides write it, in a project that has no such file. */
function fileOf(path: string): string {
  const file = resolve(path);
  if (existsSync(file) || !/^pipelines\/[\w-]+\.ts$/.test(path)) return file;
  const ready = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  if (!existsSync(ready)) return file;
  say(`rxaug: there is no ${path} here, so the one of the package runs: ${shown(ready)}`);
  return ready;
}

const NO_DEFAULT = Symbol('no default export');

/**
 * The default export of a module. It is imported by a module of one line, for exports are linked before any code runs:
 * a script without a default export is refused before its own code begins to train. Scripts of CommonJS are not
 * linked; they run, and have a default export always.
 */
async function defaultOf(url: string): Promise<unknown> {
  const line = `export { default } from ${JSON.stringify(url)};`;
  try {
    return (await import(`data:text/javascript,${encodeURIComponent(line)}`)).default;
  } catch (error) {
    if (
      error instanceof SyntaxError &&
      error.message.endsWith("does not provide an export named 'default'")
    ) {
      if (error.message.includes(url) || error.message.includes(fileURLToPath(url))) throw NO_DEFAULT;
    }
    throw error;
  }
}

/** Runs a part of a pipeline; an error that was raised in its file gets its line. */
export async function inPipeline<T>(path: string, run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw located(error, resolve(path));
  }
}

/** An error from anywhere in a pipeline script, with `file:line` before its message. */
export function located(error: unknown, file: string): unknown {
  if (!(error instanceof Error))
    return new RxaugError(`${shown(file)}: it threw ${String(error)}`, { cause: error });
  const line = lineIn(error.stack ?? '', file);
  if (line === undefined || error.message.startsWith(shown(file))) return error;
  const message = error instanceof RxaugError ? error.message : `${error.name}: ${error.message}`;
  const Kind = error instanceof UsageError ? UsageError : RxaugError;
  return new Kind(`${shown(file)}:${line}: ${message}`, { cause: error });
}

async function explained(error: unknown, file: string): Promise<unknown> {
  const message = messageOf(error);
  if (error instanceof SyntaxError) {
    const missing = /module '(.+)' does not provide an export named '(.+)'/.exec(message);
    if (missing) return noSuchExport(error, missing[1] as string, missing[2] as string, file);
    // Node does not give the position of a syntax error; the message of the hook starts with it.
    const placed = message.startsWith('/')
      ? message
      : await strip(file).then(() => `${file}: ${message}`, messageOf);
    return new RxaugError(short(placed), { cause: error });
  }
  if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') {
    const [what, from] = message.split(' imported from ');
    return new RxaugError(
      `${shown(from ?? file)}: ${lowered(what as string)}; check the import, or install it`,
      { cause: error },
    );
  }
  return located(error, file);
}

async function noSuchExport(error: Error, from: string, name: string, file: string): Promise<Error> {
  const place = placeOf(error, file, name);
  const hint = await exportHint(from, name);
  return new UsageError(`${place}: '${from}' has no export ${show(name)}; ${hint}`, { cause: error });
}

/** `file:line` of an import, looked up in the source: types are stripped when Node reports the error. */
function placeOf(error: Error, file: string, word: string): string {
  const head = /^(file:\S+?):\d+\n/.exec(error.stack ?? '');
  const path = head ? fileURLToPath((head[1] as string).replace(/[?#].*$/, '')) : file;
  const lines = readFileSync(path, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.split(/[^\w$]+/).includes(word));
  return line < 0 ? shown(path) : `${shown(path)}:${line + 1}`;
}

/** The line of the innermost frame in the file. */
function lineIn(stack: string, file: string): number | undefined {
  for (const line of stack.split('\n')) {
    const frame = /\(?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/.exec(line.trim());
    if (!frame) continue;
    const path = (frame[1] as string).startsWith('file:') ? fileURLToPath(frame[1] as string) : frame[1];
    if (path === file) return Number(frame[2]);
  }
  return undefined;
}

/** A path as the user would type it. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

function short(message: string): string {
  return message.replace(`${process.cwd()}/`, '');
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(`${process.cwd()}/`, '');
}
