/**
 * A part of bench/gpu.mjs in a process of its own: whatever happens to it, the others go on.
 *
 *   node part.mjs NAME.mjs SPEC
 */
const [module, text] = process.argv.slice(2);
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`, () => process.exit(0));
try {
  const { default: measure } = await import(new URL(module, import.meta.url).href);
  say({ result: await measure(JSON.parse(text)) });
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  say({ error: `${error.message}`.split('\n')[0] });
}
