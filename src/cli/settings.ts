/** `--set key=value`: a value is read by the type of its default. */
import { nearest, show, UsageError } from '../core/index.js';
import type { Setting, Settings } from '../pipeline/define-pipeline.js';

/** The defaults with the changes of `--set` in them; of a key given twice the last one counts. */
export function applySettings<S extends Settings>(defaults: S, changes: readonly string[]): S {
  const settings: Record<string, Setting> = { ...defaults };
  for (const change of changes) {
    const cut = change.indexOf('=');
    if (cut < 1) throw new UsageError(`--set: expected key=value but received ${show(change)}`);
    const key = change.slice(0, cut).trim();
    if (!Object.hasOwn(defaults, key)) throw new UsageError(unknown(key, Object.keys(defaults)));
    settings[key] = parse(key, change.slice(cut + 1), defaults[key]);
  }
  return settings as S;
}

/** Refuses `--set` where no script is given that has settings. */
export function refuseSettings(changes: readonly string[]): void {
  if (changes.length > 0)
    throw new UsageError('--set: means nothing without a pipeline script; leave it out');
}

function unknown(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  if (near) return `--set: unknown setting ${show(key)}; did you mean '${near}'?`;
  const all = known.length > 0 ? `known are ${known.join(', ')}` : 'this pipeline has none';
  return `--set: unknown setting ${show(key)}; ${all}`;
}

function parse(key: string, text: string, like: Setting): Setting {
  if (typeof like === 'number') return number(key, text);
  if (typeof like === 'boolean') return boolean(key, text);
  if (typeof like === 'string') return text;
  const parts = text === '' ? [] : text.split(',').map((part) => part.trim());
  return typeof like[0] === 'number' ? parts.map((part) => number(key, part)) : parts;
}

function number(key: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && !Number.isNaN(value)) return value;
  throw new UsageError(`--set ${key}: expected a number but received ${show(text)}`);
}

function boolean(key: string, text: string): boolean {
  const words: Record<string, boolean> = {
    true: true,
    yes: true,
    1: true,
    false: false,
    no: false,
    0: false,
  };
  const value = words[text.trim().toLowerCase()];
  if (value !== undefined) return value;
  throw new UsageError(`--set ${key}: expected true or false but received ${show(text)}`);
}
