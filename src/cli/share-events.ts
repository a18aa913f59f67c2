/** Progress of long work on one line, with the time left by the speed of its current part. */
import { duration } from '../report/format.js';
import type { RewrittenLine } from '../report/rewritten-line.js';

/** `status` takes a line and the share of its part that is done; a part is named by the word before the first colon. */
export function shareEvents(line: RewrittenLine) {
  let part = '';
  let begun = performance.now();
  let from = 0;
  let shownAt = 0;
  return {
    notice: (sentence: string) => line.stay(sentence),
    status(text: string, share: number) {
      const now = performance.now();
      const name = /^[a-z]+:/.exec(text)?.[0] ?? '';
      if (name !== part) [part, begun, from] = [name, now, share];
      if (now - shownAt < line.every && share < 1) return;
      shownAt = now;
      const did = share - from;
      const left = did > 0 ? `; ${duration(((now - begun) / 1000) * ((1 - share) / did))} left` : '';
      line.pass(`${text}, ${Math.round(100 * share)} %${share < 1 ? left : ''}`);
    },
  };
}
