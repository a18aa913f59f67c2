/** Run as a process of its own: begins a stream, leaves it in one way or another, and must end by itself. */
const [build, how] = process.argv.slice(2);
const { arrays, batch, horizontalFlip, pull } = await import(new URL('index.js', build).href);

const n = 400;
const images = new Uint8Array(n * 32 * 32 * 3);
const source = arrays(
  { images, labels: new Uint8Array(n), width: 32, height: 32, classes: ['one'] },
  { epochs: Number.POSITIVE_INFINITY },
);
const modules = how === 'hang' ? [new URL('./trouble.mjs', import.meta.url).href] : [];
const workers = how === 'inline' ? 0 : 2;
const stuck = (source) =>
  how === 'hang' ? source.pipe((s) => s.lift({ call: (to, from) => from.subscribe(looping(to)) })) : source;
const looping = (to) => ({
  next: (s) => to.next(s.index === 100 ? s.drawn([{ op: 'loop', params: {} }]) : s),
  error: (e) => to.error(e),
  complete: () => to.complete(),
});
const batches = stuck(source).pipe(horizontalFlip(), batch(16, { workers, modules, prefetch: 8 }));

const it = pull(batches);
for (let i = 0; i < 3; i++) (await it.next()).value.dispose();
if (how === 'return') await it.return();
if (how === 'cancel' || how === 'hang' || how === 'inline') it.cancel();
if (how === 'throw') {
  await it.return();
  console.log('left');
  throw new Error('the consumer is at fault');
}
if (how === 'subscribe') {
  await it.return();
  await new Promise((done) => {
    let seen = 0;
    const subscription = batches.subscribe((b) => {
      b.dispose();
      if (++seen === 3) {
        subscription.unsubscribe();
        done();
      }
    });
  });
}
// 'forget' simply stops asking.
console.log('left');
