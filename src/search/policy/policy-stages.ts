import type { MonoTypeOperatorFunction } from 'rxjs';
import { readPolicyFile, type StageJson } from '../../augment/index.js';
import type { WithPolicies } from '../../augment/policies/plugin-policies.js';
import { type Batch, expected, show, showNames, UsageError } from '../../core/index.js';
import { type Coding, codecOf } from '../../gan/stages/codec.js';
import { type Generating, ganMix, generatorSha256 } from '../../gan/stages/gan-mix.js';
import { latentNoise } from '../../gan/stages/latent-noise.js';
import { asBatchOperator } from '../../stream/batch-stream.js';
import { NETWORK, networkOperator } from '../network/operator.js';
import type { SavedNetwork } from '../network/saved-network.js';
import { behind } from '../trial/run-trial.js';

export interface PolicyStagesOptions {
  /** The models that the file names by their hashes; an augmentation network is in the file itself. */
  readonly models?: { readonly latentNoise?: Coding; readonly ganMix?: Generating };
  /** Plugins whose transforms the file has, though they are applied by `policy`. */
  readonly plugins?: WithPolicies;
}

/**
 * What a policy in a file does to batches, behind `batch`: stages with models, then mixing. What it does to samples is
 * `policy(path, {}, { stages: 'elsewhere' })`, before `batch`.
 *
 * @param path of a .json file that `rxaug search` or `policyText` wrote
 * @param options `models`: those that the stages need, by their names
 * @throws {UsageError} if the file cannot be read or is no pipeline, does nothing to batches, a model is missing, is another
 * than the file names, or is not needed
 *
 * @example
 * const batches = async (images$: Observable<Sample>, generator: Generating) =>
 *   images$.pipe(
 *     policy('./found.json', {}, { stages: 'elsewhere' }),
 *     normalize(STATISTICS.symmetric),
 *     batch(50),
 *     await policyStages('./found.json', { models: { ganMix: generator } }),
 *   );
 */
export async function policyStages(
  path: string,
  { models = {}, plugins = {} }: PolicyStagesOptions = {},
): Promise<MonoTypeOperatorFunction<Batch>> {
  const where = `policyStages ${show(path)}`;
  const { stages, batch } = readPolicyFile(where, path, plugins);
  if (stages.length + batch.length === 0)
    throw new UsageError(`${where}: does nothing to batches; use policy() alone`);
  const idle = Object.keys(models).filter((name) => !stages.some(({ op }) => op === name));
  if (idle.length > 0)
    throw new UsageError(`${where}: has no stage for the model of ${showNames(idle)}; take it out of models`);
  const made = await Promise.all(stages.map((stage) => stageOf(where, stage, models)));
  const all = [...made, ...batch.map(asBatchOperator)];
  return (batches$) => behind(batches$, all);
}

type Models = NonNullable<PolicyStagesOptions['models']>;

async function stageOf(
  where: string,
  { op, options = {}, model: wanted }: StageJson,
  models: Models,
): Promise<MonoTypeOperatorFunction<Batch>> {
  const check = (own: string) => {
    if (own === wanted) return;
    throw new UsageError(expected(`${where}: ${op}: model`, wanted, own, 'load the model of the search'));
  };
  if (op === NETWORK) return networkOperator(options as SavedNetwork, wanted);
  if (op === 'latentNoise') {
    const model = models.latentNoise ?? missing(where, op);
    check(await codecOf(`${where}: latentNoise`, model).sha256());
    return latentNoise(model, options);
  }
  if (op === 'ganMix') {
    const model = models.ganMix ?? missing(where, op);
    check(await generatorSha256(model));
    return ganMix(model, options);
  }
  throw new UsageError(`${where}: unknown stage ${show(op)}; known are latentNoise, ganMix and ${NETWORK}`);
}

function missing(where: string, op: string): never {
  throw new UsageError(`${where}: ${op} needs its model; give it as models: { ${op}: … }`);
}
