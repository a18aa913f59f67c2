/**
 * The sources, sinks and policies of a plugin as `context.plugins` of a pipeline holds them: checked, and named
 * in whatever goes wrong in them. A source gives a stream of samples; a sink gives an operator that writes what
 * passes through it, samples or batches.
 */
import {
  catchError,
  defer,
  isObservable,
  type Observable,
  type OperatorFunction,
  tap,
  throwError,
} from 'rxjs';
import { type Plugin, PluginError, watchedPolicy } from '../augment/index.js';
import { type Batch, expected, messageOf, RxaugError, Sample, UsageError } from '../core/index.js';
import { nameOfBatch } from './mix/mixing.js';

export function watchedParts(plugin: Plugin): Plugin {
  const each = <M, T>(parts: Readonly<Record<string, M>>, watch: (own: string, make: M) => T) =>
    Object.fromEntries(Object.entries(parts).map(([own, make]) => [own, watch(own, make)]));
  const { name, sources, sinks, policies } = plugin;
  return {
    ...plugin,
    sources: each(sources, (own, make) => watchedSource(`plugin '${name}', source '${own}'`, make)),
    sinks: each(sinks, (own, make) => watchedSink(`plugin '${name}', sink '${own}'`, make)),
    policies: each(policies, (own, make) => watchedPolicy(name, own, make)),
  };
}

type Make = (...given: unknown[]) => unknown;

function watchedSource(title: string, make: Make) {
  return (...given: unknown[]): Observable<Sample> => {
    const stream = called(title, () => make(...given));
    if (!isObservable(stream))
      throw new PluginError(expected(title, 'a stream of samples', shown(stream), 'return samples(…)'));
    return defer(() => {
      let last: unknown;
      return (stream as Observable<Sample>).pipe(
        tap((sample) => {
          if (!(sample instanceof Sample))
            throw new TypeError(expected('stream', 'samples', sample, 'make them by samples(…)'));
          last = sample;
        }),
        catchError((error) => throwError(() => blame(title, error, last))),
      );
    });
  };
}

function watchedSink(title: string, make: Make) {
  return (...given: unknown[]): OperatorFunction<unknown, unknown> => {
    const operator = called(title, () => make(...given));
    if (typeof operator !== 'function')
      throw new PluginError(expected(title, 'an operator', shown(operator), 'return tap(…) or its like'));
    return (source) =>
      defer(() => {
        let last: unknown;
        let passing: { error: unknown } | undefined;
        // What fails before the sink is not its fault.
        const before = tap({
          next: (item: unknown) => {
            last = item;
          },
          error: (error: unknown) => {
            passing = { error };
          },
        });
        const after = called(title, () => operator(source.pipe(before)) as unknown);
        if (!isObservable(after)) throw new PluginError(expected(title, 'an operator', operator));
        return after.pipe(
          catchError((error) =>
            throwError(() => (passing?.error === error ? error : blame(title, error, last))),
          ),
        );
      });
  };
}

function called<T>(title: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw blame(title, error, undefined);
  }
}

function blame(title: string, error: unknown, last: unknown): Error {
  const Kind = error instanceof UsageError ? UsageError : RxaugError;
  return new Kind(`${title}: ${messageOf(error)}${at(last)}`, { cause: error });
}

function at(last: unknown): string {
  if (last instanceof Sample) return `; at sample ${last.id}`;
  return ArrayBuffer.isView((last as Batch | undefined)?.images) ? `; at ${nameOfBatch(last as Batch)}` : '';
}

const shown = (value: unknown) => (value instanceof Promise ? 'a promise' : value);
