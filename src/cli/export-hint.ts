/** What to write instead of a name that an entry point of this package does not have. */
import { nearest, RENAMED_EXPORTS } from '../core/index.js';

/** Every entry point whose names a script may have meant, each loaded only when a name was not found. */
const FACES: Readonly<Record<string, () => Promise<object>>> = {
  rxaug: () => import('../index.js'),
  'rxaug/layers': () => import('../faces/layers.js'),
  'rxaug/gan': () => import('../faces/gan.js'),
  'rxaug/onnx': () => import('../faces/onnx.js'),
  'rxaug/datasets': () => import('../faces/datasets.js'),
  'rxaug/report': () => import('../faces/report.js'),
  'rxaug/search': () => import('../faces/search.js'),
  'rxaug/prepare': () => import('../faces/prepare.js'),
  'rxaug/plugin': () => import('../faces/plugin.js'),
};

/** The fix for `import { name } from 'from'`: its new name, its entry point, or the name that was meant. */
export async function exportHint(from: string, name: string): Promise<string> {
  if (!Object.hasOwn(FACES, from)) return 'check its name';
  const current = newName(name);
  const named = current === name ? '' : `it is now '${current}'`;
  for (const [face, load] of Object.entries(FACES)) {
    if (!Object.hasOwn(await load(), current)) continue;
    if (face === from) return named;
    return `${named && `${named}; `}import it from '${face}'`;
  }
  if (named) return named;
  const face = await (FACES[from] as () => Promise<object>)();
  const old = Object.keys(RENAMED_EXPORTS).filter((each) => Object.hasOwn(face, newName(each)));
  const near = nearest(name, [...Object.keys(face), ...old]);
  return near ? `did you mean '${newName(near)}'?` : 'check its name';
}

const newName = (name: string): string =>
  Object.hasOwn(RENAMED_EXPORTS, name) ? (RENAMED_EXPORTS[name] as string) : name;
