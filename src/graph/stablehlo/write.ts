import { z } from 'zod';
import { nearest, parseOptions, RxaugError, show, UsageError } from '../../core/index.js';
import type { Graph, Known, Node, Numbers, Value } from '../graph.js';
import { Builder, type Precision } from './builder.js';
import { rules } from './rules/index.js';
import { uniforms } from './rules/random.js';
import type { Call } from './rules/rule.js';
import { type Hlo, sameShape, type TensorType, typeOf, typeText } from './types.js';

/** Options of `writeStableHlo`. */
export interface StableHloOptions {
  /** Of the module, for people and profilers. Default: 'step'. */
  readonly name?: string;
  /** Inputs whose memory becomes that of the output of the same name. Whoever runs the program must give them up. */
  readonly donate?: Iterable<string>;
  /**
   * How products of matrices and convolutions are computed: all else is float32 in any case.
   * 'float32' (default): in full. 'tensorfloat32': as the device does float32 at its quickest, which is with 10 bits of
   * fraction on NVIDIA's tensor cores. 'bfloat16': operands are rounded to bfloat16, sums are float32.
   */
  readonly precision?: Precision;
}

const optionsSchema = z.strictObject({
  name: z.string().default('step'),
  donate: z
    .custom<Iterable<string>>(
      (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
      'expected a list of names',
    )
    .default([]),
  precision: z.enum(['float32', 'tensorfloat32', 'bfloat16']).default('float32'),
});

const NAME = /^[A-Za-z_][\w]*$/;

/**
 * Writes a graph of fixed sizes as a StableHLO module in text, which every PJRT plugin compiles. Its function `@main` takes
 * the inputs in their order, and returns the outputs in theirs. float32 is f32, int32 is i32, bool is i1, and an image keeps
 * its layout [B, H, W, C]. Parameters and constants are part of the text. The same graph gives the same text.
 *
 * @param graph all of whose sizes are numbers
 * @param options `name`, `donate`, `precision`
 * @throws RxaugError that names the kernel if no rule writes it, or the tensor whose size or type has no place here;
 * UsageError for a name in `donate` that is not an input and an output of one shape and type, or an option that is none
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.relu(x), { inputs: [{ name: 'x', shape: [2, 3] }] });
 * writeStableHlo(graph).includes('stablehlo.maximum') // → true
 */
export function writeStableHlo(graph: Graph, options: StableHloOptions = {}): string {
  const { name, donate, precision } = parseOptions('stablehlo', optionsSchema, options);
  if (!NAME.test(name))
    throw new UsageError(`stablehlo: expected a name of letters and digits but received ${show(name)}`);
  const h = new Builder(precision);
  const writer = new Writer(h, [...graph.params, ...graph.constants]);
  const aliases = aliasesOf(graph, [...donate]);
  const args = graph.inputs.map((value, i) => {
    const type = typeOf(value);
    writer.give(value, { id: `%arg${i}`, ...type });
    const alias = aliases.get(value.name);
    return `%arg${i}: ${typeText(type)}${alias === undefined ? '' : ` {tf.aliasing_output = ${alias} : i32}`}`;
  });
  writer.draws(graph.nodes);
  for (const node of graph.nodes) writer.node(node);
  const results = Object.values(graph.outputs).map((value) => writer.take(value));
  const types = results.map(typeText).join(', ');
  return [
    `module @${name} attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {`,
    `  func.func public @main(${args.join(', ')}) -> (${types}) {`,
    ...h.lines.map((line) => `    ${line}`),
    `    return${results.length > 0 ? ` ${results.map(({ id }) => id).join(', ')} : ${types}` : ''}`,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Results of the graph's values, written when they are first needed. */
class Writer {
  private readonly made = new Map<Value, Hlo>();
  private readonly known: ReadonlyMap<Value, Numbers>;

  constructor(
    private readonly h: Builder,
    known: readonly Known[],
  ) {
    this.known = new Map(known.map(({ value, data }) => [value, data]));
  }

  give(value: Value, hlo: Hlo): void {
    this.made.set(value, hlo);
  }

  take(value: Value): Hlo {
    const made = this.made.get(value);
    if (made) return made;
    const data = this.known.get(value);
    if (!data) throw new Error(`the graph uses '${value.name}' before it is made`);
    const constant = this.h.constant(data, typeOf(value));
    this.made.set(value, constant);
    return constant;
  }

  /** Draws whose seeds are inputs or constants, all together. */
  draws(nodes: readonly Node[]): void {
    const early = nodes.filter(
      ({ op, inputs: { seed } }) =>
        op === 'StatelessRandomUniform' && (this.made.has(seed) || this.known.has(seed)),
    );
    const draws = early.map(({ inputs, outputs }) => ({
      seed: this.take(inputs.seed),
      output: typeOf(outputs[0]),
    }));
    uniforms(this.h, draws).forEach((hlo, i) => {
      this.give(early[i].outputs[0], hlo);
    });
  }

  node(node: Node): void {
    if (node.outputs.every((value) => this.made.has(value))) return;
    const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
    if (!rule) throw new RxaugError(unknown(node.op));
    const inputs = Object.fromEntries(
      Object.entries(node.inputs).map(([key, value]) => [key, this.take(value)]),
    );
    const outputs = node.outputs.map(typeOf);
    const call: Call = {
      op: node.op,
      inputs,
      list: Object.values(inputs),
      attributes: node.attributes,
      outputs,
      output: outputs[0],
      known: (input) => this.known.get(node.inputs[input]),
    };
    const made = [rule(this.h, call)].flat() as Hlo[];
    node.outputs.forEach((value, i) => {
      check(node, made[i], outputs[i]);
      this.give(value, made[i]);
    });
  }
}

/** What a rule makes is what the kernel made when the graph was traced; else the rule misread the node. */
function check({ op, attributes }: Node, made: Hlo | undefined, wanted: TensorType): void {
  if (made && made.type === wanted.type && sameShape(made.shape, wanted.shape)) return;
  const is = made ? typeText(made) : 'nothing';
  throw new RxaugError(
    `stablehlo: ${op} ${show(attributes)} was written as ${is} where TensorFlow.js made ${typeText(wanted)}; use another operation in its place`,
  );
}

/** The output that takes over each donated input. */
function aliasesOf({ inputs, outputs }: Graph, donate: readonly string[]): Map<string, number> {
  const names = Object.keys(outputs);
  return new Map(
    donate.map((name) => {
      const input = inputs.find((value) => value.name === name);
      const output = outputs[name];
      if (!input || !output || typeText(typeOf(input)) !== typeText(typeOf(output))) {
        throw new UsageError(
          `stablehlo: expected donate to name inputs that are outputs of the same name, shape and type but received ${show(name)}; take it out`,
        );
      }
      return [name, names.indexOf(name)];
    }),
  );
}

function unknown(op: string): string {
  const near = nearest(op, Object.keys(rules));
  return `stablehlo: no rule writes the kernel '${op}'${near ? ` (there is one for ${near})` : ''}; use operations that have one, or add a rule to src/graph/stablehlo/rules`;
}
