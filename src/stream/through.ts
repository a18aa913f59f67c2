/** An operator that passes the demand from downstream on to its source. */
import { Observable, type Observer, type OperatorFunction, type Subscriber } from 'rxjs';
import { linked } from '../core/lineage.js';
import { type Demand, DemandSubscriber, demandOf } from './demand.js';

/**
 * `observe` receives the downstream subscriber and returns the handlers of items; errors and completion pass through
 * unless it handles them. `change` may alter the demand on its way up.
 */
export function through<T, R>(
  observe: (subscriber: Subscriber<R>) => Partial<Observer<T>> & Pick<Observer<T>, 'next'>,
  change: (demand: Demand) => Demand = (demand) => demand,
): OperatorFunction<T, R> {
  return (source) => {
    const made = new Observable<R>((subscriber) => {
      const observer: Observer<T> = {
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
        ...observe(subscriber),
      };
      const upstream = new DemandSubscriber<T>(observer, change(demandOf(subscriber)));
      source.subscribe(upstream);
      return upstream;
    });
    return linked(made, { from: source });
  };
}
