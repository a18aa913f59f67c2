/**
 * Policies that plugins bring: `policy('gentle-m3', plugins)` calls `policies.gentle({ m: 3 })` of the plugin that
 * has it. An error in one becomes a sentence that names it.
 */
import { expected, messageOf, UsageError } from '../../core/index.js';
import type { Plugin } from '../plugin/define-plugin.js';
import { PluginError, tried } from '../plugin/guard.js';
import { asOperator, type SampleOperator } from '../transform/define-transform.js';

/** Plugins by name, as `context.plugins` of a pipeline holds them. */
export type WithPolicies = Readonly<
  Record<string, Pick<Plugin, 'name' | 'policies'> & Partial<Pick<Plugin, 'transforms'>>>
>;

type Make = (...given: unknown[]) => SampleOperator;
type Given = Plugin['policies'][string];

/** All policies of these plugins by name. A name that rxaug or another plugin uses is refused. */
export function policiesOf(plugins: WithPolicies, taken: readonly string[]): ReadonlyMap<string, Make> {
  const all = new Map<string, Make>();
  for (const { name, policies } of Object.values(plugins)) {
    for (const [own, make] of Object.entries(policies)) {
      if (all.has(own) || taken.includes(own)) {
        throw new UsageError(
          `plugin '${name}': the name '${own}' is already used by rxaug or by another plugin; rename the policy`,
        );
      }
      all.set(own, watchedPolicy(name, own, make));
    }
  }
  return all;
}

/** The policy, checked when it is created; its errors name it. */
export function watchedPolicy(plugin: string, name: string, make: Given): Make {
  if (watched.has(make)) return make as Make;
  const title = `plugin '${plugin}', policy '${name}'`;
  const watching: Make = (...given) => {
    const { transform } = operatorOf(title, make, given);
    return asOperator({
      ...transform,
      draw: (key, progress) =>
        tried(title, () => {
          const draws: unknown = transform.draw(key, progress);
          if (Array.isArray(draws)) return draws;
          throw new TypeError(expected('draw', 'a list of draws', draws));
        }),
    });
  };
  watched.add(watching);
  return watching;
}

/** Guarded policies, which are not guarded again: the error names the policy once. */
const watched = new WeakSet<object>();

/** What a function of a plugin makes, checked; its errors begin with the title. */
export function operatorOf(title: string, make: Given, given: unknown[]) {
  let made: Partial<SampleOperator> | undefined;
  try {
    made = make(...given) as Partial<SampleOperator> | undefined;
  } catch (error) {
    const Kind = error instanceof UsageError ? UsageError : PluginError;
    throw new Kind(`${title}: ${messageOf(error)}`, { cause: error });
  }
  const { transform } = made ?? {};
  if (typeof transform?.draw === 'function' && Array.isArray(transform.ops)) return { transform };
  throw new PluginError(
    expected(title, 'a transform of samples', made, 'return one, or randomApply(1, …) of several'),
  );
}
