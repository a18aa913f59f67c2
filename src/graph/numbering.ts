/** Names that begin with `prefix`, in order, without those that are taken. */
export function numbering(prefix: string, taken: ReadonlySet<string>): () => string {
  let count = 0;
  return () => {
    do count++;
    while (taken.has(`${prefix}${count}`));
    return `${prefix}${count}`;
  };
}
