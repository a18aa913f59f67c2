import { RxaugError } from '../errors.js';

/** A server, or a folder, is away or fails for now: it may work later, and who can wait does. */
export class AwayError extends RxaugError {
  constructor(
    where: string,
    readonly reason: string,
    fix: string,
  ) {
    super(`${where}: ${reason}; ${fix}`);
  }
}
