/** Which plugin an op belongs to: errors name it. Built-in ops have no owner. */
const owners = new WeakMap<object, string>();

export function claim(op: object, plugin: string): void {
  owners.set(op, plugin);
}

/** `plugin 'lens', transform 'vignette'`, or the plain name of a built-in op. */
export function titleOf(op: { readonly name: string }): string {
  const owner = owners.get(op);
  return owner === undefined ? op.name : `plugin '${owner}', transform '${op.name}'`;
}

/** The plugin that brought an op, if one did. */
export const ownerOf = (op: object): string | undefined => owners.get(op);
