import type { MonoTypeOperatorFunction } from 'rxjs';
import { readPolicyFile, type StageJson } from '../../augment/index.js';
import type { WithPolicies } from '../../augment/policies/plugin-policies.js';
import { type Batch, expected, show, showNames, UsageError } from '../../core/index.js';
import { linked } from '../../core/lineage.js';
import { type Coding, codecOf } from '../../gan/stages/codec.js';
import { type Generating, ganMix, generatorSha256 } from '../../gan/stages/gan-mix.js';
import { latentNoise } from '../../gan/stages/latent-noise.js';
import { asBatchOperator } from '../../stream/batch-stream.js';
import { mapAsync } from '../../stream/map-async.js';
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
 * What a policy in a file does to batches, behind `batch`: an augmentation network, stages with models, then mixing; nothing,
 * where the file has none of these. What it does to samples is `policy(path, {}, { stages: 'elsewhere' })`, before `batch`.
 *
 * @param path of a .json file that `rxaug search` or `policyText` wrote
 * @param options `models`: those that the stages need, by their names
 * @throws {UsageError} if the file cannot be read or is no pipeline, a network does not fit its digest, or a model is missing
 * or not needed; the stream fails for another model than the file names
 *
 * @example
 * // Behind batch(), after policy('./found.json', {}, { stages: 'elsewhere' }) before it.
 * const onBatches = (generator: Generating) => policyStages('./found.json', { models: { ganMix: generator } });
 */
export function policyStages(
  path: string,
  { models = {}, plugins = {} }: PolicyStagesOptions = {},
): MonoTypeOperatorFunction<Batch> {
  const where = `policyStages ${show(path)}`;
  const { stages, batch } = readPolicyFile(where, path, plugins);
  const idle = Object.keys(models).filter((name) => !stages.some(({ op }) => op === name));
  if (idle.length > 0)
    throw new UsageError(`${where}: has no stage for the model of ${showNames(idle)}; take it out of models`);
  const all = [...stages.flatMap((stage) => stageOf(where, stage, models)), ...batch.map(asBatchOperator)];
  return (batches$) => behind(batches$, all);
}

type Models = NonNullable<PolicyStagesOptions['models']>;
type Operator = MonoTypeOperatorFunction<Batch>;

function stageOf(where: string, { op, options = {}, model }: StageJson, models: Models): Operator[] {
  if (op === NETWORK) return [networkOperator(options as SavedNetwork, model)];
  if (op === 'latentNoise') {
    const given = models.latentNoise ?? missing(where, op);
    const codec = codecOf(`${where}: latentNoise`, given);
    return [ofModel(`${where}: ${op}`, model, () => codec.sha256()), latentNoise(given, options)];
  }
  if (op === 'ganMix') {
    const given = models.ganMix ?? missing(where, op);
    return [ofModel(`${where}: ${op}`, model, () => generatorSha256(given)), ganMix(given, options)];
  }
  throw new UsageError(`${where}: unknown stage ${show(op)}; known are latentNoise, ganMix and ${NETWORK}`);
}

/** Passes batches on once the model is known to be the one that the file names. */
function ofModel(where: string, wanted: string, sha256: () => Promise<string>): Operator {
  const check = async (batch: Batch) => {
    const own = await sha256();
    if (own === wanted) return batch;
    batch.dispose();
    throw new UsageError(expected(`${where}: model`, wanted, own, 'load the model of the search'));
  };
  return (batches$) => linked(mapAsync(check, { concurrency: 1 })(batches$), { from: batches$ });
}

function missing(where: string, op: string): never {
  throw new UsageError(`${where}: ${op} needs its model; give it as models: { ${op}: … }`);
}
