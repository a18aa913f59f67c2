/**
 * Training by `train(...)` itself, a step at a time: a batch is let in, and the step is over when the trainer
 * says so. Between the turns nothing is let in, so nothing runs.
 */
import { Observable } from 'rxjs';

/** ResNet-20 as everyone here trains it: SGD, momentum 0.9, L2 of 1e-4; `more` adds options of the trainer. */
export async function trainSteps(rxaug, batches, { skip = 0, network = {}, more = {} } = {}) {
  const { train, resnet, sgd } = rxaug;
  let letIn;
  let onStep;
  let failed;
  let backend;
  const fed$ = new Observable((subscriber) => {
    letIn = (batch) => subscriber.next(batch);
  });
  const training = train(fed$, {
    model: resnet(20, network),
    optimizer: sgd({ momentum: 0.9, nesterov: false }),
    learningRate: 0.1,
    l2: 1e-4,
    ...more,
  }).subscribe({
    next: (event) => {
      if (event.kind === 'start') backend = event.backend;
      if (event.kind === 'step') onStep?.(event);
    },
    error: (error) => failed?.(error),
  });
  while (!letIn) await new Promise(setImmediate);

  // As in the trainer's own loop, the next batch is asked for while the current one is trained on.
  let ahead = batches.next();
  const step = async () => {
    const { done, value: batch } = await ahead;
    if (done) throw new Error('the stream of batches ended');
    const over = new Promise((resolve, reject) => {
      onStep = resolve;
      failed = reject;
    });
    letIn(batch);
    ahead = batches.next();
    ahead.catch(() => {}); // reported when it is awaited
    return (await over).size;
  };
  await step(); // compiles, allocates, and names the backend
  const close = async () => {
    training.unsubscribe();
    await batches.return?.();
  };
  return { step, skip, close, about: { backend } };
}

/** The first batch of a stream for ever: its pixels stay where they are. */
export async function cached(rxaug, batches$) {
  const stream = rxaug.pull(batches$);
  const { value } = await stream.next();
  const keep = () => {};
  const batch = {
    ...value,
    images: value.images.slice(),
    dispose: keep,
    [Symbol.dispose]: keep,
  };
  value.dispose();
  await stream.return();
  return { next: async () => ({ done: false, value: batch }) };
}
