/** The strategies by name, an explicit list. */
import { Registry } from '../../core/index.js';
import { critic } from '../critic/strategy.js';
import { network } from '../network/strategy.js';
import { density } from './density.js';
import { randaugment } from './randaugment.js';
import { random } from './random.js';
import type { Strategy } from './strategy.js';
import { strength } from './strength.js';
import { tpe } from './tpe.js';

/** A strategy with its defaults, made when it is asked for. */
export interface StrategyEntry {
  readonly name: string;
  readonly make: () => Strategy;
}

/** `STRATEGIES.get(name)` refuses an unknown name with the nearest known one. */
export const STRATEGIES: Registry<StrategyEntry> = new Registry<StrategyEntry>('strategy', [
  { name: 'critic', make: () => critic() },
  { name: 'critic-published', make: () => critic({ objective: 'published' }) },
  { name: 'density', make: () => density() },
  { name: 'network', make: () => network() },
  { name: 'randaugment', make: () => randaugment() },
  { name: 'random', make: () => random() },
  { name: 'strength', make: () => strength() },
  { name: 'tpe', make: () => tpe() },
]);
