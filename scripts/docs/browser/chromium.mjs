/** Chromium without a window, driven over a pipe by the DevTools protocol: no package, no download. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Seconds that a command may take. */
const LIMIT = 60;

/** The command of a browser that is installed, or undefined. */
export const findChromium = () =>
  [process.env.CHROMIUM, ...NAMES]
    .filter(Boolean)
    .find((name) => spawnSync(name, ['--version']).status === 0);

/** @returns {Promise<Browser>} close it when done */
export async function openBrowser(command) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'rxaug-chromium-'));
  const flags = [
    '--headless=new',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    '--no-first-run',
    '--disable-gpu',
    '--disable-background-networking',
    '--hide-scrollbars',
    '--force-color-profile=srgb',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  const child = spawn(command, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const browser = new Browser(child, profile);
  await browser.open();
  return browser;
}

class Browser {
  #next = 1;
  #waiting = new Map();
  #handlers = [];
  #session;
  /** Errors of the page since the last visit: exceptions, failed loads and console.error. */
  errors = [];
  /** Addresses that the page asked for. */
  requests = [];

  constructor(child, profile) {
    this.child = child;
    this.profile = profile;
    let rest = '';
    child.stdio[4].setEncoding('utf8');
    child.stdio[4].on('data', (text) => {
      const messages = (rest + text).split('\0');
      rest = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
    child.once('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('chromium ended'));
    });
  }

  async open() {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    this.#session = (await this.send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await this.send(`${domain}.enable`);
  }

  send(method, params = {}) {
    const id = this.#next++;
    const message = { id, method, params, ...(this.#session && { sessionId: this.#session }) };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`chromium: ${method} took over ${LIMIT} s`)),
        LIMIT * 1000,
      );
      const settle = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.child.stdio[3].write(`${JSON.stringify(message)}\0`);
    });
  }

  #receive({ id, method, params, result, error }) {
    if (id !== undefined) {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      return error ? reject(new Error(`chromium: ${error.message}`)) : resolve(result);
    }
    if (method === 'Runtime.exceptionThrown')
      this.errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === 'Runtime.consoleAPICalled' && params.type === 'error')
      this.errors.push(params.args.map(({ value, description }) => value ?? description).join(' '));
    if (method === 'Log.entryAdded' && params.entry.level === 'error')
      this.errors.push(`${params.entry.text} ${params.entry.url ?? ''}`);
    if (method === 'Network.requestWillBeSent') this.requests.push(params.request.url);
    this.#handlers = this.#handlers.filter((handler) => !handler(method, params));
  }

  #event(name) {
    return new Promise((resolve) => {
      this.#handlers.push((method, params) => {
        if (method !== name) return false;
        resolve(params);
        return true;
      });
    });
  }

  /** @param look { width, height, dark, phone } */
  async visit(url, { width, height, dark = false, phone = false }) {
    this.errors = [];
    this.requests = [];
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: phone,
    });
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    // From an empty page; otherwise an address with another hash would not be reloaded.
    for (const address of ['about:blank', url]) {
      const loaded = this.#event('Page.loadEventFired');
      await this.send('Page.navigate', { url: address });
      await loaded;
    }
  }

  /** The value of an expression in the page; a promise is awaited. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true. */
  async until(expression, seconds = 20) {
    const end = Date.now() + seconds * 1000;
    while (!(await this.evaluate(expression))) {
      if (Date.now() > end) throw new Error(`chromium: after ${seconds} s still not: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** @returns {Promise<Buffer>} the visible part of the page */
  async screenshot(format = 'webp', quality = 80) {
    const { data } = await this.send('Page.captureScreenshot', { format, quality });
    return Buffer.from(data, 'base64');
  }

  async close() {
    const closed = new Promise((resolve) => void this.child.once('close', resolve));
    await this.send('Browser.close').catch(() => this.child.kill());
    await closed;
    fs.rmSync(this.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
