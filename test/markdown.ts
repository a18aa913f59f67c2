/** What tests of pages read off Markdown: sections and anchors as GitHub makes them. */

export interface Section {
  readonly level: number;
  readonly heading: string;
  /** The section and its subsections, its own heading left out. */
  readonly text: string;
}

/** Lines outside fenced blocks keep their number; lines within are blank. */
export function outsideFences(text: string): string[] {
  let fenced = false;
  return text.split('\n').map((line) => {
    const fence = /^\s*```/.test(line);
    if (fence) fenced = !fenced;
    return fence || fenced ? '' : line;
  });
}

export function sectionsOf(text: string): Section[] {
  const lines = text.split('\n');
  const heads = outsideFences(text).flatMap((line, at) => {
    const [, marks, heading] = /^(#{1,6}) +(.*)$/.exec(line) ?? [];
    return marks ? [{ at, level: marks.length, heading: heading as string }] : [];
  });
  return heads.map(({ at, level, heading }, i) => {
    const end = heads.slice(i + 1).find((other) => other.level <= level)?.at ?? lines.length;
    return { level, heading, text: lines.slice(at + 1, end).join('\n') };
  });
}

/** The anchor that GitHub gives a heading. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
