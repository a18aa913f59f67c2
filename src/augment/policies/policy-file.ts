/**
 * Policies in files: a pipeline of samples as JSON, as `pipelineToJson` and `rxaug search` write it. The text is data
 * that anyone may have written: its size is limited, names are looked up, and nothing is evaluated.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { messageOf, show, UsageError } from '../../core/index.js';
import type { Plugin } from '../plugin/define-plugin.js';
import { titleOf } from '../plugin/owner.js';
import { type Maker, pipelineFromJson } from '../recipe/serialize.js';
import { asOne } from '../transform/as-one.js';
import { asOperator, type SampleOperator } from '../transform/define-transform.js';
import { operatorOf, type WithPolicies } from './plugin-policies.js';

/** Bytes. A policy of a thousand transforms takes a tenth of it. */
const LARGEST = 2 ** 20;

/** Whether a policy's text is the path of a file. */
export const isPolicyFile = (text: string): boolean => text.endsWith('.json');

/** Where the batches' part of a file is applied. */
export interface PolicyOptions {
  /** 'elsewhere': what the file does to batches is applied behind `batch`, by `policyStages` of rxaug/search. */
  readonly stages?: 'elsewhere';
}

/** The transforms of a file, as one. `plugins` bring the transforms that rxaug does not have. */
export function policyFile(path: string, plugins: WithPolicies, options: PolicyOptions = {}): SampleOperator {
  const where = `policy ${show(path)}`;
  const { transforms, stages, batch } = readPolicyFile(where, path, plugins);
  const names = [...stages.map(({ op }) => op), ...batch.map(({ name }) => name)];
  if (names.length > 0 && options.stages !== 'elsewhere') {
    throw new UsageError(
      `${where}: expected transforms of samples but received some of batches too (${names.join(', ')}); apply them behind batch() by policyStages of rxaug/search, and say policy(path, plugins, { stages: 'elsewhere' })`,
    );
  }
  return asOne(transforms);
}

/** All that a file holds. `where` begins the errors. */
export function readPolicyFile(where: string, path: string, plugins: WithPolicies) {
  const text = textOf(where, path);
  try {
    return pipelineFromJson(text, makersOf(plugins), { stages: 'elsewhere' });
  } catch (error) {
    throw error instanceof UsageError
      ? new UsageError(`${where}: ${error.message}`, { cause: error })
      : error;
  }
}

function textOf(where: string, path: string): string {
  let file: number | undefined;
  try {
    // A pipe that no one writes to would be waited for.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new UsageError(`${where}: expected a file but it is none; check the path`);
    if (stat.size > LARGEST) {
      throw new UsageError(
        `${where}: expected at most ${LARGEST} bytes but received ${stat.size}; give a pipeline as JSON`,
      );
    }
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${where}: cannot be read (${messageOf(error)}); check the path`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function makersOf(plugins: WithPolicies): Maker[] {
  const transforms = Object.values(plugins).flatMap(({ transforms = [] }) => transforms);
  return transforms.map((transform) => ({
    name: transform.op.name,
    make: (options) =>
      asOperator(operatorOf(titleOf(transform.op), factoryOf(transform), [options]).transform),
  }));
}

/** A plugin's transform is a factory, which `definePlugin` has checked. */
const factoryOf = (transform: Plugin['transforms'][number]) =>
  transform as unknown as (options: Readonly<Record<string, unknown>>) => SampleOperator;
