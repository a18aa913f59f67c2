/** What is searched for, of a pipeline script: its problem, and a strategy by name. */
import { nearest, Registry, show, UsageError } from '../../core/index.js';
import type { PipelineContext } from '../../pipeline/define-pipeline.js';
import { STRATEGIES } from '../../search/strategies/index.js';
import type { SearchDefinition, Strategy } from '../../search/strategies/strategy.js';
import { inPipeline, type LoadedPipeline } from '../load-pipeline.js';

/** The problem that the pipeline's `search` returns, checked. */
export async function definitionOf(
  path: string,
  pipeline: LoadedPipeline,
  context: PipelineContext,
): Promise<SearchDefinition> {
  const { search } = pipeline;
  if (!search)
    throw new UsageError(
      `${path}: has no search; add search: (context) => ({ train, test, space, … }) to definePipeline`,
    );
  const given: unknown = await inPipeline(path, () => search(context));
  const fault = faultOf(given);
  if (fault) throw new UsageError(`${path}: search: ${fault}`);
  return given as SearchDefinition;
}

/** Fields without which there is no search; what they hold is checked where it is used. */
const FIELDS = {
  train: 'item',
  test: 'item',
  space: 'ops',
  size: undefined,
  channels: undefined,
  statistics: 'mean',
  base: 'length',
  trial: 'model',
} as const;
const OPTIONAL = ['heldOut', 'heldOutLabels', 'controls', 'strategies'];

function faultOf(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null)
    return `expected a problem but received ${show(given)}; return it`;
  const fields = given as Readonly<Record<string, unknown>>;
  for (const [name, inside] of Object.entries(FIELDS)) {
    const value = fields[name];
    const found = inside ? (value as Record<string, unknown> | null | undefined)?.[inside] : value;
    if (found === undefined)
      return `expected ${name}${inside ? `, with ${inside},` : ''} but received ${show(value)}; give it`;
  }
  const known = [...Object.keys(FIELDS), ...OPTIONAL];
  const odd = Object.keys(fields).find((name) => !known.includes(name));
  if (odd === undefined) return undefined;
  const near = nearest(odd, known);
  return `unknown field ${show(odd)}; ${near ? `did you mean '${near}'?` : `known are ${known.join(', ')}`}`;
}

/** A strategy of rxaug or of the script, which may not have the name of one of rxaug's. */
export function strategyOf(name: string, { strategies = {} }: SearchDefinition): () => Strategy {
  const own = Object.entries(strategies).map(([name, make]) => ({ name, make }));
  return new Registry('strategy', [...STRATEGIES, ...own]).get(name).make;
}
