/** Anchors of headings as on GitHub, so a link works in the repository and on the site. */

/** @returns a function that gives each heading of one page an anchor of its own. */
export function slugger() {
  const seen = new Map();
  return (heading) => {
    const plain = heading
      .replace(/<[^>]*>/g, '')
      .replace(/&(?:amp|lt|gt|quot|#39);/g, '')
      .trim()
      .toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '').replace(/ /g, '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  };
}
