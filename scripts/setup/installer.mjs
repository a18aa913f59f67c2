/**
 * tfjs-node's own installer: it downloads libtensorflow and the addon from the TensorFlow.js bucket and checks no hash,
 * so it is used only on request by name, and set-up warns. It runs on a copy of the package in the cache, so an
 * interrupted one leaves no partial installation.
 */
import fs from 'node:fs';
import path from 'node:path';
import { makeCached } from './cache.mjs';
import { lastWords, run, sizeOf } from './run.mjs';
import { megabytes, progress, say } from './say.mjs';

export const installer = {
  name: 'installer',
  title: "tfjs-node's own installer",
  onDemand: true,
  unverified: true,

  entry(home) {
    const { version } = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'));
    return `tfjs-node-${version}-installer-${process.platform}-${process.arch}`;
  },

  async make(home, cache) {
    return makeCached(cache, this.entry(home), async (folder) => {
      say(`native TensorFlow: trying ${this.title}`);
      fs.cpSync(home, folder, {
        recursive: true,
        filter: (file) => !/^(lib|deps|dist|src)(\.aside)?$/.test(path.relative(home, file)),
      });
      const modules = path.dirname(path.dirname(home)); // …/node_modules, where its dependencies are
      const before = sizeOf(folder);
      const result = await run(process.execPath, ['scripts/install.js'], {
        cwd: folder,
        env: {
          NODE_PATH: modules,
          PATH: [path.join(modules, '.bin'), process.env.PATH].join(path.delimiter),
          NODE_NO_WARNINGS: '1',
        },
        seconds: 900,
        watch: () => {
          const bytes = sizeOf(folder) - before;
          if (bytes > 1e6) progress(`libtensorflow: ${megabytes(bytes)} unpacked`);
          return bytes;
        },
        // A compiler, where one has to build the addon, writes nothing for a while.
        patience: () => (fs.existsSync(path.join(folder, 'build')) ? 180 : 12),
      });
      const addons = fs.existsSync(path.join(folder, 'lib')) ? fs.readdirSync(path.join(folder, 'lib')) : [];
      if (!result.ok || addons.length === 0) throw new Error(failure(result));
      for (const part of fs.readdirSync(folder)) {
        if (part !== 'lib' && part !== 'deps') fs.rmSync(path.join(folder, part), { recursive: true });
      }
      return { from: 'installer', made: new Date().toISOString() };
    });
  },
};

function failure(result) {
  const unreachable = /(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET)/.exec(
    result.output,
  );
  if (unreachable) return `the download host does not answer (${unreachable[1]})`;
  if (/TAR_|zlib|Z_DATA_ERROR/.test(result.output)) return 'the download is not the expected archive';
  return lastWords(result, /Error|error/);
}
