/** Puts the TypeScript hooks in place for this thread, once. Worker threads that import scripts call it too. */
import { register } from 'node:module';

let registered = false;

export function registerLoader(): void {
  if (registered) return;
  registered = true;
  // Positions in errors and stacks are those of the TypeScript source.
  process.setSourceMapsEnabled(true);
  register(new URL('./hooks.js', import.meta.url));
}
