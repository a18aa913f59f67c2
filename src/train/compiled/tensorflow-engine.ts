import { RxaugError } from '../../core/index.js';
import type { State } from '../state/tensors.js';
import type { Engine } from './engine.js';

export function tensorflowEngine(_state: State): Engine {
  throw new RxaugError('not there yet');
}
