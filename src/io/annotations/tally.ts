/** What a reader of annotations leaves out: images by name, single annotations counted by their fault. */
import { type Problem, problem } from '../problems.js';

/** Images that are listed one by one; a data set without its images would list them all. */
const LISTED = 1000;
/** Faults that are told apart; a hostile file may have as many as it has bytes. */
const MOST_FAULTS = 100;

export class Tally {
  private readonly images: Problem[] = [];
  private unlisted = 0;
  private readonly notes = new Map<string, { count: number; readonly first: string }>();

  /** An image that is left out. */
  left(where: string, reason: string): void {
    if (this.images.length < LISTED) this.images.push(problem(where, reason));
    else this.unlisted++;
  }

  /**
   * One more annotation with this fault; its image stays. `fault` speaks of all of them: 'boxes have no area and are
   * left out; correct them'.
   */
  note(fault: string, first: string, count = 1): void {
    const known = this.notes.has(fault) || this.notes.size < MOST_FAULTS ? fault : 'other faults';
    const found = this.notes.get(known);
    if (found) found.count += count;
    else this.notes.set(known, { count, first });
  }

  /** Images first, then a line for each fault of annotations, with how many there are and where the first is. */
  problems(name: string): Problem[] {
    const lines = [...this.images];
    if (this.unlisted > 0)
      lines.push(
        problem(name, `${this.unlisted} more images are left out; correct the first ones and open it again`),
      );
    for (const [fault, { count, first }] of this.notes)
      lines.push(problem(first, `${fault} (${count} in all, the first here)`, 0));
    return lines;
  }
}
