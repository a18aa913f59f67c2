/** The plugin that is measured, and how it is opened. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const at = (path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { findPjrtPlugin, openPjrt } = await at('graph/pjrt/index.js');

/** The file: from RXAUG_PJRT_PLUGIN, from a folder `plugin` of the bundle, or what set-up keeps. */
export function findPlugin() {
  if (process.env.RXAUG_PJRT_PLUGIN) return process.env.RXAUG_PJRT_PLUGIN;
  const own = new URL('../../plugin/', import.meta.url).pathname;
  const file = existsSync(own) && readdirSync(own).find((name) => name.endsWith('.so'));
  const found = file ? join(own, file) : findPjrtPlugin()?.file;
  if (found) return found;
  throw new Error('no PJRT plugin is here; set RXAUG_PJRT_PLUGIN to its file');
}

export const openDevice = (plugin) => openPjrt({ plugin });
