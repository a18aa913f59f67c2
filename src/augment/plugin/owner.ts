/** Which plugin an op is of, so that what goes wrong in it can be named. Ops of the house have no owner. */
const owners = new WeakMap<object, string>();

export function claim(op: object, plugin: string): void {
  owners.set(op, plugin);
}

/** `plugin 'lens', transform 'vignette'`, or the plain name of an op of the house. */
export function titleOf(op: { readonly name: string }): string {
  const owner = owners.get(op);
  return owner === undefined ? op.name : `plugin '${owner}', transform '${op.name}'`;
}

/** The plugin that brought an op, if one did. */
export const ownerOf = (op: object): string | undefined => owners.get(op);
