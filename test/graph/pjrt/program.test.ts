/** Programs of StableHLO on the processor's plugin. */
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RxaugError } from '../../../src/core/index.js';
import { openPjrt, type Pjrt, type PjrtSession } from '../../../src/graph/pjrt/index.js';
import { counted, counting, evaluate, huge, NEEDS, plugin, step, types, variables } from './programs.js';

const floats = (...numbers: number[]) => Float32Array.from(numbers);
const zeros = () => ({ w: new Float32Array(6), n: new Int32Array(1) });
const x = floats(1, 2, 3, 4, 5, 6);
const rate = floats(0.5);

describe.skipIf(!plugin)(`a program on the processor${NEEDS}`, () => {
  let pjrt: Pjrt;
  const sessions: PjrtSession[] = [];
  const fresh = async () => {
    const session = await pjrt.createSession(variables);
    sessions.push(session);
    return session;
  };
  beforeAll(async () => {
    pjrt = await openPjrt({ plugin });
  });
  afterAll(async () => {
    for (const session of sessions) await session.dispose();
    await pjrt.close();
  });

  it('tells the platform, its devices and the version of the C API', () => {
    expect(pjrt.info).toMatchObject({
      plugin,
      platform: 'cpu',
      apiVersion: expect.stringMatching(/^0\.\d+$/),
    });
    expect(pjrt.info.devices.length).toBeGreaterThan(0);
  });

  it('keeps its state on the device from step to step, and gives what is no variable', async () => {
    const session = await fresh();
    const program = await session.loadProgram(step);
    await session.setState({ w: floats(10, 0, 0, 0, 0, 0), n: Int32Array.of(7) });
    expect(await program.step({ x, rate })).toEqual({ sum: floats(20.5) });
    expect(await program.step({ x, rate: floats(1) })).toEqual({ sum: floats(41.5) });
    expect(await session.getState()).toEqual({ w: floats(11.5, 3, 4.5, 6, 7.5, 9), n: Int32Array.of(9) });
    expect(await session.getState(['n'])).toEqual({ n: Int32Array.of(9) });
  });

  it('takes steps in order without waiting for their results, and copies what it is fed', async () => {
    const session = await fresh();
    const program = await session.loadProgram(step);
    await session.setState(zeros());
    const own = Float32Array.from(x);
    const sums = Array.from({ length: 40 }, (_, i) => {
      own.fill(i);
      return program.step({ x: own, rate: floats(1) });
    });
    const state = session.getState();
    const after = program.step({ x, rate });
    const expected = sums.map((_, i) => (6 * i * (i + 1)) / 2);
    expect((await Promise.all(sums)).map(({ sum }) => sum[0])).toEqual(expected);
    expect(await state).toEqual({ w: new Float32Array(6).fill(780), n: Int32Array.of(40) });
    expect(await after).toEqual({ sum: floats(6 * 780 + 10.5) });
  });

  it('reads numbers from a SharedArrayBuffer where they are', async () => {
    const session = await fresh();
    const program = await session.loadProgram(step);
    await session.setState(zeros());
    const memory = new SharedArrayBuffer(64);
    const shared = new Float32Array(memory, 16, 6);
    shared.set(x);
    expect(await program.step({ x: shared, rate })).toEqual({ sum: floats(10.5) });
    shared.fill(0);
    expect(await program.step({ x: shared, rate })).toEqual({ sum: floats(10.5) });
  });

  it('lets several programs use one state, and keeps a variable that a program only reads', async () => {
    const session = await fresh();
    const [train, look] = [await session.loadProgram(step), await session.loadProgram(evaluate)];
    await session.setState({ w: x, n: Int32Array.of(0) });
    for (let i = 0; i < 3; i++)
      expect(await look.step({})).toEqual({
        double: floats(2, 4, 6, 8, 10, 12),
        turned: floats(1, 4, 2, 5, 3, 6),
      });
    await train.step({ x, rate: floats(1) });
    expect((await look.step({})).turned).toEqual(floats(2, 8, 4, 10, 6, 12));
    await look.dispose();
    expect(await session.getState(['w'])).toEqual({ w: floats(2, 4, 6, 8, 10, 12) });
  });

  it('takes and gives every type', async () => {
    const session = await pjrt.createSession([]);
    sessions.push(session);
    const program = await session.loadProgram(types);
    const made = await program.step({
      bool: Uint8Array.of(1, 0, 1),
      uint8: Uint8Array.of(0, 128, 255),
      int32: Int32Array.of(1, -2, 2 ** 31 - 1),
      bfloat16: Uint16Array.of(0x3f80, 0xc000, 0),
    });
    expect(made).toEqual({
      not: Uint8Array.of(0, 1, 0),
      same: Uint8Array.of(0, 128, 255),
      negative: Int32Array.of(-1, 2, -(2 ** 31) + 1),
      double: Uint16Array.of(0x4000, 0xc080, 0),
    });
  });

  it('takes, keeps and gives tensors without numbers', async () => {
    const none = { shape: [0, 2], dtype: 'float32' } as const;
    const session = await pjrt.createSession([{ name: 'kept', ...none }]);
    sessions.push(session);
    const program = await session.loadProgram({
      text: `func.func public @main(%kept: tensor<0x2xf32>, %x: tensor<0x2xf32>) -> (tensor<0x2xf32>, tensor<0x2xf32>) {
        %sum = stablehlo.add %kept, %x : tensor<0x2xf32>
        return %sum, %sum : tensor<0x2xf32>, tensor<0x2xf32>
      }`,
      inputs: [
        { name: 'kept', ...none },
        { name: 'x', ...none },
      ],
      outputs: [
        { name: 'kept', ...none },
        { name: 'sum', ...none },
      ],
    });
    await session.setState({ kept: floats() });
    expect(await program.step({ x: floats() })).toEqual({ sum: floats() });
    expect(await session.getState()).toEqual({ kept: floats() });
  });

  it('takes flags of the compiler, and refuses one that it does not know', async () => {
    const session = await fresh();
    const program = await session.loadProgram({ ...step, flags: { xla_cpu_enable_fast_math: false } });
    await session.setState(zeros());
    expect(await program.step({ x, rate })).toEqual({ sum: floats(10.5) });
    await expect(session.loadProgram({ ...step, flags: { xla_no_such_flag: 1 } })).rejects.toThrow(
      /^PJRT program 'step': it does not compile \(.*xla_no_such_flag/,
    );
  });

  it('leaves the main thread free while a program runs', async () => {
    const session = await pjrt.createSession([]);
    sessions.push(session);
    const program = await session.loadProgram(counting);
    let settled = false;
    const run = program.step({ n: Int32Array.of(30_000_000) }).finally(() => {
      settled = true;
    });
    await after(1);
    expect(settled).toBe(false);
    expect(await run).toEqual(counted(30_000_000));
  });

  it('refuses a state or a feed that does not fit, and goes on', async () => {
    const session = await fresh();
    const program = await session.loadProgram(step);
    await expect(program.step({ x, rate })).rejects.toThrow(
      "variable 'w' has no numbers yet; call setState() first",
    );
    await session.setState(zeros());
    await expect(session.setState({ v: x })).rejects.toThrow("it has no variable 'v'");
    await expect(session.setState({ w: floats(1) })).rejects.toThrow(
      "PJRT setState: expected Float32Array of 6 numbers for 'w' (float32 [2, 3]) but received Float32Array of 1",
    );
    await expect(program.step({ x })).rejects.toThrow("for 'rate' (float32 []) but received nothing");
    await expect(program.step({ x: new Int32Array(6), rate })).rejects.toThrow(
      'but received Int32Array of 6',
    );
    await expect(program.step({ x, rate, y: x })).rejects.toThrow("it takes no input 'y'; leave it out");
    expect(await program.step({ x, rate })).toEqual({ sum: floats(10.5) });
  });

  it('refuses a text that declares other inputs or outputs, or does not compile', async () => {
    const session = await fresh();
    const [w, n] = variables;
    const [, , input] = step.inputs;
    await expect(session.loadProgram({ ...step, inputs: [w, n, input] })).rejects.toThrow(
      "PJRT program 'step': 3 inputs are declared and its text has 4; declare those of its text",
    );
    await expect(
      session.loadProgram({ ...step, inputs: [w, n, { ...input, shape: [3, 2] }, step.inputs[3]] }),
    ).rejects.toThrow(
      "input 'x' is declared tensor<3x2xf32> and is tensor<2x3xf32> in its text; declare that",
    );
    await expect(session.loadProgram({ ...step, outputs: [w, n] })).rejects.toThrow(
      '2 outputs are declared and it has 3',
    );
    await expect(
      session.loadProgram({ ...step, outputs: [w, n, { name: 'sum', shape: [], dtype: 'int32' }] }),
    ).rejects.toThrow("output 'sum' is declared int32 [] and is float32 []");
    await expect(session.loadProgram({ ...evaluate, inputs: [{ ...w, shape: [6] }] })).rejects.toThrow(
      "input 'w' is declared tensor<6xf32>",
    );
    const broken = step.text.replace('stablehlo.multiply %arg2', 'stablehlo.multiply %nothing');
    await expect(session.loadProgram({ ...step, text: broken })).rejects.toThrow(
      /^PJRT program 'step': it does not compile \(-:4:29: error: use of undeclared SSA value .* line 4 is '%1 = stablehlo.multiply %nothing, .*'\); report it with the program's text/,
    );
  });

  it('says that memory is short, and goes on once the state is set again', async () => {
    const session = await fresh();
    const [train, big] = [await session.loadProgram(step), await session.loadProgram(huge)];
    await session.setState(zeros());
    const [failed, behind] = await Promise.allSettled([big.step({}), train.step({ x, rate })]);
    expect(String((failed as PromiseRejectedResult).reason)).toMatch(
      /^RxaugError: PJRT: the device is out of memory \(.*\); use a smaller batch or a smaller model$/,
    );
    expect(String((behind as PromiseRejectedResult).reason)).toMatch(
      /its state was lost when an earlier call failed .* call setState\(\) with all variables$/,
    );
    await expect(session.getState()).rejects.toThrow('its state was lost');
    await session.setState(zeros());
    expect(await train.step({ x, rate })).toEqual({ sum: floats(10.5) });
  });
});

describe.skipIf(!plugin)(`the thread of a plugin${NEEDS}`, () => {
  it('that ends finishes what the device has begun, and refuses the rest in a sentence', async () => {
    const pjrt = await openPjrt({ plugin });
    const session = await pjrt.createSession([]);
    const program = await session.loadProgram(counting);
    const steps = Promise.allSettled(
      Array.from({ length: 4 }, () => program.step({ n: Int32Array.of(5_000_000) })),
    );
    pjrt.fail();
    const value = counted(5_000_000);
    const refused = {
      status: 'rejected',
      reason: new RxaugError(
        `PJRT plugin ${plugin}: its thread ended (as it was asked to); open it again, set the state from the last checkpoint, or run rxaug doctor`,
      ),
    };
    const done = { status: 'fulfilled', value };
    const settled = await steps;
    // How many the thread had begun is up to the machine; no more than two are with the device at once.
    const begun = settled.filter(({ status }) => status === 'fulfilled').length;
    expect(begun).toBeLessThanOrEqual(2);
    expect(settled).toEqual([...Array(begun).fill(done), ...Array(4 - begun).fill(refused)]);
    await expect(program.step({ n: Int32Array.of(1) })).rejects.toThrow('its thread ended');
    await pjrt.close();
  });

  it('that is closed first does what it was told, and then refuses', async () => {
    const pjrt = await openPjrt({ plugin, stepsInFlight: 1 });
    const session = await pjrt.createSession([]);
    const program = await session.loadProgram(counting);
    const open = [1, 2, 3].map((n) => program.step({ n: Int32Array.of(n) }));
    const closed = pjrt.close();
    expect(await Promise.all(open)).toEqual([1, 2, 3].map(counted));
    await closed;
    await expect(program.step({ n: Int32Array.of(1) })).rejects.toThrow(
      'was closed; open it again to use it',
    );
    await pjrt.close();
  });
});
