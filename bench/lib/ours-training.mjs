/**
 * Training by `train(...)` itself, a step at a time: a batch is let in, and the step is over when the trainer
 * says so. Between the turns nothing is let in, so nothing runs.
 */
import { Observable } from 'rxjs';

/** `options` of the trainer, the model among them; `skip`: steps before each turn that are not counted. */
export async function trainSteps(rxaug, batches, options, { skip = 0 } = {}) {
  let letIn;
  let onStep;
  let failed;
  let failure;
  let started;
  const notices = [];
  const fed$ = new Observable((subscriber) => {
    letIn = (batch) => subscriber.next(batch);
  });
  const training = rxaug.train(fed$, options).subscribe({
    next: (event) => {
      if (event.kind === 'start') started = event;
      if (event.kind === 'notice') notices.push(event.message);
      if (event.kind === 'step') onStep?.(event);
    },
    error: (error) => {
      failure = error;
      failed?.(error);
    },
  });
  // A backend that does not load ends the training before it asks for a batch.
  while (!letIn && !failure) await new Promise(setImmediate);
  if (failure) throw failure;

  // As in the trainer's own loop, the next batch is asked for while the current one is trained on.
  let ahead = batches.next();
  const step = async () => {
    const { done, value: batch } = await ahead;
    if (done) throw new Error('the stream of batches ended');
    const over = new Promise((resolve, reject) => {
      onStep = resolve;
      failed = reject;
    });
    if (failure) throw failure;
    letIn(batch);
    ahead = batches.next();
    ahead.catch(() => {}); // reported when it is awaited
    return (await over).size;
  };
  await ahead;
  const [from, used] = [performance.now(), process.cpuUsage()];
  await step(); // opens the backend, makes the weights, traces and compiles
  const firstStepSeconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(used);
  const close = async () => {
    training.unsubscribe();
    await batches.return?.();
  };
  const { backend, parameters, options: shaping } = started;
  return {
    step,
    skip,
    close,
    about: {
      ...{ backend, parameters, firstStepSeconds, firstStepProcessorSeconds: (user + system) / 1e6 },
      ...(notices.length > 0 && { notices }),
      options: shaping,
    },
  };
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
