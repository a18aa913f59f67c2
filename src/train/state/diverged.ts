import { RxaugError } from '../../core/index.js';

/**
 * Loss, gradient or weights are not finite. For who trains many times, as a search does: this training is at fault, the
 * others may go on.
 */
export class DivergedError extends RxaugError {}
