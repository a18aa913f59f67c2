/**
 * Learning rates by depth (layer-wise decay; Clark et al., "ELECTRA", 2020; Bao et al., "BEiT", 2022): the head learns at the
 * full rate, and each group of layers before it at `decay` times the rate of the group after it. Groups are counted as
 * timm counts them: what comes before the first block (`block1`, `stage1/block1`) is one, each block is one, with what
 * follows the last of them, such as a last norm; the head is one. Without blocks, each layer at the top of the model that
 * has parameters is one.
 */
import { z } from 'zod';
import type { ParamSpec } from '../layers/param-spec.js';
import type { RateFactors } from './decay.js';

export const depthDecaySchema = z.number().positive().max(1);

/** A factor of the learning rate for each parameter, by its name. */
export function depthFactors(params: readonly ParamSpec[], decay: number): RateFactors {
  const groups = depthGroups(params.map(({ name }) => name));
  const last = Math.max(...groups.values());
  return new Map([...groups].map(([name, group]) => [name, decay ** (last - group)]));
}

/** The number of the group of each parameter, from 0 at the image to the head. */
export function depthGroups(names: readonly string[]): ReadonlyMap<string, number> {
  const units = names.map(unitOf);
  const order = [...new Set(units)];
  const head = order.length - 1;
  const isBlock = order.map((unit) => BLOCK.test(unit));
  const firstBlock = isBlock.indexOf(true);
  if (firstBlock < 0) return new Map(names.map((name, i) => [name, order.indexOf(units[i] as string)]));
  const lastBlock = isBlock.lastIndexOf(true);
  const stem = firstBlock > 0 ? 1 : 0;
  const group = (at: number): number => {
    if (at < firstBlock) return 0;
    if (at > lastBlock && at === head) return lastBlock - firstBlock + stem + 1;
    return Math.min(at, lastBlock) - firstBlock + stem;
  };
  return new Map(names.map((name, i) => [name, group(order.indexOf(units[i] as string))]));
}

const BLOCK = /(?:^|\/)block\d+$/;

/** The path down to a block, or else the first layer: 'stage1/block2', 'stem', 'head'. */
function unitOf(name: string): string {
  const parts = name.split('/').slice(0, -1);
  const block = parts.findIndex((part) => BLOCK.test(part));
  return block < 0 ? (parts[0] ?? '') : parts.slice(0, block + 1).join('/');
}
