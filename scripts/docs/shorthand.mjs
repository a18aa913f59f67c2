/** What a single value stands for in a transform: found by asking the transform itself. */

const PROBES = [15, 3, 1, 0.5, 0.1, [1, 2], [0.5, 0.75], [5000, 6000]];
/** For sizes, which have no default. */
const SIDE = 224;

/** A sentence such as '`rotate(30)` is `rotate({ angle: [-30, 30] })`.', or undefined without a shorthand. */
export function shorthandOf(factory) {
  const name = factory.spec?.name ?? factory.op.name;
  if (!factory.spec?.shorthand) return undefined;
  const plain = optionsOf(() => factory()) ?? {};
  const keys = PROBES.map((probe) => changedBy(factory, probe, plain)).find((found) => found.length > 0);
  if (keys === undefined)
    throw new Error(`docs: ${name} has a shorthand, but takes none of ${JSON.stringify(PROBES)}`);
  for (const value of [...likely(plain[keys[0]]), ...PROBES]) {
    const given = optionsOf(() => factory(value));
    if (given === undefined) continue;
    const options = keys.map((key) => `${key}: ${literal(given[key])}`).join(', ');
    return `\`${name}(${literal(value)})\` is \`${name}({ ${options} })\`.`;
  }
  return undefined;
}

/** The options that a value sets; without defaults, those that hold it. */
function changedBy(factory, value, plain) {
  const given = optionsOf(() => factory(value)) ?? {};
  const differs = (key) => JSON.stringify(given[key]) !== JSON.stringify(plain[key]);
  const known = Object.keys(plain).length > 0;
  return Object.keys(given).filter((key) =>
    known ? differs(key) : JSON.stringify(given[key]).includes(JSON.stringify(value)),
  );
}

/** Values of the size that a reader would write: those behind the default. */
function likely(value) {
  if (value === undefined) return [SIDE];
  if (!Array.isArray(value)) return [value];
  const [low, high] = value;
  if (low === -high) return [high];
  if (low + high === 2) return [Math.round((high - 1) * 1e6) / 1e6, value];
  return [high, value];
}

const literal = (value) => JSON.stringify(value).replaceAll(',', ', ');

function optionsOf(make) {
  try {
    const made = make();
    return made.transform?.options ?? made.options;
  } catch {
    return undefined; // Not a value that it takes.
  }
}
