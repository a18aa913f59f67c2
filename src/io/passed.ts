/** Counts files that a reader skips because they are neither images nor labels, by kind, for one line. */
import { extname } from 'node:path';
import { show } from '../core/index.js';
import { type Problem, problem } from './problems.js';

/** The number of files of a kind, and the name of the first. */
export type PassedKind = readonly [kind: string, count: number, first: string];

/** Kinds that are counted separately; an archive may have as many endings as it has files. */
const MOST_KINDS = 50;
/** Kinds that a sentence names. */
const NAMED = 6;

export class Passed {
  private readonly kinds = new Map<string, { count: number; readonly first: string }>();

  /** `kind` is an ending, '.txt', or what `kindOf` gives. */
  add(kind: string, first: string, count = 1): void {
    const known = this.kinds.has(kind) || this.kinds.size < MOST_KINDS ? kind : 'other';
    const found = this.kinds.get(known);
    if (found) found.count += count;
    else this.kinds.set(known, { count, first });
  }

  list(): PassedKind[] {
    return [...this.kinds].map(([kind, { count, first }]) => [kind, count, first] as const);
  }

  /** One line for all, or none if there are none. */
  problem(where: string): Problem[] {
    const kinds = this.list().sort(([, a], [, b]) => b - a);
    const total = kinds.reduce((sum, [, count]) => sum + count, 0);
    if (total === 0) return [];
    const named = kinds
      .slice(0, NAMED)
      .map(([kind, count, first]) => `${count} ${show(kind).slice(1, -1)}, such as ${show(first)}`);
    if (kinds.length > NAMED) named.push(`${kinds.length - NAMED} kinds more`);
    const files = total === 1 ? '1 file is' : `${total} files are`;
    const reason = `${files} passed over, read neither as image nor as label (${named.join(', ')}); rename or convert what should be read, and leave or remove the others`;
    return [problem(where, reason, total)];
  }
}

/** 'hidden', 'without an ending', or the last ending of a file's name: '.txt'. */
export function kindOf(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1);
  if (base.startsWith('.')) return 'hidden';
  const ending = extname(base).toLowerCase();
  return ending.length > 1 ? ending : 'without an ending';
}
