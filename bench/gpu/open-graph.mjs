/**
 * One graph of a training step for every size of batch, made of graphs that were traced at small ones: at its own size a
 * large network takes more memory on a processor than most machines have. Sizes become multiples of the batch as in
 * src/graph/unify.ts. Constants that differ are one number each, which must follow one of the laws below, and the graph that is made for a size that was
 * traced but not used must be the traced one.
 */
const at = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { attributeAt, sizesAt } = await at('graph/graph.js');
const { unify } = await at('graph/unify.js');

/** Numbers that depend on the batch B: samples, their mean, and the variance without bias of n = p·B numbers. */
const LAWS = {
  times: { p: (c, B) => c / B, value: (p, B) => p * B },
  over: { p: (c, B) => c * B, value: (p, B) => p / B },
  unbiased: { p: (c, B) => c / (c - 1) / B, value: (p, B) => (p * B) / (p * B - 1) },
};

/** `{ law, p }` of a number that is c₁ for a batch of B₁, c₂ for B₂ and so on. */
export function lawOf(values) {
  for (const [law, { p, value }] of Object.entries(LAWS)) {
    const [[B, c]] = values;
    const given = p(c, B);
    const candidates = [Math.round(given), given];
    const found = candidates.find((x) =>
      values.every(([B, c]) => Math.fround(value(x, B)) === Math.fround(c)),
    );
    if (found !== undefined && Number.isFinite(found)) return { law, p: found };
  }
  throw new Error(
    `bench: a constant of the step is ${values.map(([B, c]) => `${c} for a batch of ${B}`).join(', ')}; add its law to bench/gpu/open-graph.mjs`,
  );
}

/** `traces`: three or more `{ batch, graph }`; the last is for the check alone. Gives `{ graph, laws }`. */
export function openGraph(traces) {
  const laws = {};
  const graphs = traces.map(({ graph }) => ({
    ...graph,
    constants: graph.constants.map((known) => ({ ...known })),
  }));
  graphs[0].constants.forEach(({ value, data }, i) => {
    const all = graphs.map(({ constants }) => constants[i]);
    const isOne = all.every((other) => other?.data.every((x) => Object.is(x, other.data[0])));
    if (!isOne || all.every((other) => other.data[0] === data[0])) return;
    laws[value.name] = lawOf(all.map((other, k) => [traces[k].batch, other.data[0]]));
    for (const other of all) other.data = new other.data.constructor(other.data.length);
  });
  const [one, two] = traces;
  const open = { graph: unify(graphs[0], graphs[1], one.batch, two.batch), laws };
  const last = traces.at(-1);
  const difference = firstDifference(atBatch(open, last.batch), last.graph);
  if (difference)
    throw new Error(
      `bench: the step opened for any batch is not the one traced at ${last.batch}: ${difference}`,
    );
  return open;
}

/** The graph for one size of batch. */
export function atBatch({ graph, laws }, batch) {
  const values = new Map();
  const fixed = (value) => {
    if (!values.has(value.name)) values.set(value.name, { ...value, shape: sizesAt(value.shape, batch) });
    return values.get(value.name);
  };
  const numberOf = ({ name }) => laws[name] && Math.fround(LAWS[laws[name].law].value(laws[name].p, batch));
  const mapped = (record) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fixed(value)]));
  return {
    inputs: graph.inputs.map(fixed),
    params: [],
    constants: graph.constants.map(({ value, data }) => {
      const number = numberOf(value);
      return { value: fixed(value), data: number === undefined ? data : data.map(() => number) };
    }),
    nodes: graph.nodes.map(({ op, inputs, attributes, outputs }) => {
      const fixedAttributes = Object.fromEntries(
        Object.entries(attributes).map(([key, a]) => [key, attributeAt(a, batch)]),
      );
      // A constant with a number for each sample is a fill in an open graph.
      const number = numberOf(outputs[0]);
      if (number !== undefined) fixedAttributes.value = number;
      return { op, inputs: mapped(inputs), attributes: fixedAttributes, outputs: outputs.map(fixed) };
    }),
    outputs: mapped(graph.outputs),
  };
}

/** What differs first; fills of an opened graph were constants of the traced one. */
function firstDifference(made, traced) {
  const named = (graph) => {
    const known = new Map(
      graph.constants.map(({ value, data }) => [
        value.name,
        [value.shape, [...new Set(data)].slice(0, 65), data.length],
      ]),
    );
    for (const { op, inputs, attributes, outputs } of graph.nodes)
      if (op === 'Fill' && Object.keys(inputs).length === 0)
        known.set(outputs[0].name, [
          outputs[0].shape,
          [attributes.value],
          outputs[0].shape.reduce((a, b) => a * b, 1),
        ]);
    return known;
  };
  const [a, b] = [named(made), named(traced)];
  for (const [name, numbers] of b)
    if (JSON.stringify(a.get(name)) !== JSON.stringify(numbers)) return `constant ${name}`;
  const calls = (graph) =>
    graph.nodes.filter(({ op, inputs }) => op !== 'Fill' || Object.keys(inputs).length > 0);
  const [mine, theirs] = [calls(made), calls(traced)];
  if (mine.length !== theirs.length) return `${mine.length} nodes and not ${theirs.length}`;
  const i = mine.findIndex((node, k) => JSON.stringify(node) !== JSON.stringify(theirs[k]));
  return i < 0 ? undefined : `node ${i}, ${mine[i].op}`;
}

/** As JSON, and back. Numbers are in base64. */
export function toJson({ graph, laws }) {
  return JSON.stringify({
    laws,
    inputs: graph.inputs,
    constants: graph.constants.map(({ value, data }) => ({
      value,
      data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    })),
    nodes: graph.nodes,
    outputs: graph.outputs,
  });
}

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

export function fromJson(text) {
  const { laws, constants, ...graph } = JSON.parse(text);
  const known = constants.map(({ value, data }) => {
    const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
    return { value, data: new ARRAYS[value.dtype](bytes.buffer) };
  });
  return { laws, graph: { ...graph, params: [], constants: known } };
}
