/** The script of a command of an installed package, to be run by the same Node. */
import fs from 'node:fs';
import path from 'node:path';

export function binary(root, name, command) {
  const home = path.join(root, 'node_modules', name);
  const { bin } = JSON.parse(fs.readFileSync(path.join(home, 'package.json'), 'utf8'));
  return path.join(home, typeof bin === 'string' ? bin : bin[command]);
}
