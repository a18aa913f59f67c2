/** Whether tensors are those that a model, or a training, wants. */

type Shapes = Readonly<Record<string, { readonly shape: readonly number[] } | undefined>>;

/** The first that is missing, that nobody wants or that has another shape, as a clause; undefined where all fit. */
export function misfit(held: Shapes, wanted: Shapes): string | undefined {
  const say = (of: Shapes, name: string) => {
    const shape = of[name]?.shape;
    return shape ? `[${shape}]` : 'nothing';
  };
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(held)])) {
    const [has, wants] = [say(held, name), say(wanted, name)];
    if (has !== wants) return `has ${has} for ${name}, not ${wants}`;
  }
  return undefined;
}
