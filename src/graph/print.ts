import { type Attribute, type Graph, isOpen, type Known, type Size, type Value } from './graph.js';

/**
 * A graph as text, one line per node:
 *
 *     %3: float32[B, 16, 16, 8] = Conv2D(x: images, filter: conv/kernel) strides=[2, 2] pad="same"
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.relu(x), { inputs: [{ name: 'x', shape: [null, 3] }] });
 * console.log(printGraph(graph)); // → …%1: float32[B, 3] = Relu(x: x)…
 */
export function printGraph(graph: Graph): string {
  const lines = [
    ...graph.inputs.map((value) => `input ${typed(value)}`),
    ...graph.params.map(({ value }) => `param ${typed(value)}`),
    ...graph.constants.map((known) => `const ${typed(known.value)}${numbers(known)}`),
    ...graph.nodes.map(({ op, inputs, attributes, outputs }) => {
      const list = Object.entries(inputs).map(([key, { name }]) =>
        /^\d+$/.test(key) ? name : `${key}: ${name}`,
      );
      const rest = Object.entries(attributes).map(([key, value]) => ` ${key}=${printAttribute(value)}`);
      return `${outputs.map(typed).join(', ')} = ${op}(${list.join(', ')})${rest.join('')}`;
    }),
    ...Object.entries(graph.outputs).map(([name, value]) => `output ${name} = ${value.name}`),
  ];
  return `${lines.join('\n')}\n`;
}

const printSize = (size: Size): string =>
  isOpen(size) ? (size.batch === 1 ? 'B' : `${size.batch}·B`) : String(size);

const printShape = (shape: readonly Size[]): string => `[${shape.map(printSize).join(', ')}]`;

const typed = ({ name, dtype, shape }: Value) => `${name}: ${dtype}${printShape(shape)}`;

function printAttribute(value: Attribute): string {
  if (Array.isArray(value)) return `[${value.map(printAttribute).join(', ')}]`;
  return typeof value === 'number' || isOpen(value) ? printSize(value) : JSON.stringify(value);
}

/** The numbers of a constant, if they are few. */
function numbers({ data }: Known): string {
  return data.length <= 8 ? ` = ${[...data].map((x) => Number(x.toPrecision(6))).join(' ')}` : '';
}
