/** Puts the TypeScript hooks in place for this thread, once. Worker threads that import scripts begin with `preload.ts`. */
import { register } from 'node:module';

let registered = false;

export function registerLoader(): void {
  if (registered) return;
  registered = true;
  // Positions in errors and stacks are those of the TypeScript source.
  process.setSourceMapsEnabled(true);
  register(new URL('./hooks.js', import.meta.url));
}

/** The URL of what a module at `from` would import by this specifier; needs the hooks. */
export const resolveFrom = (specifier: string, from: string): string =>
  import.meta.resolve(`rxaug-from:${encodeURIComponent(`${from} ${encodeURIComponent(specifier)}`)}`);
