/** The index of pipelines: what each script shows, its command, what it prints and how long it takes. */
import fs from 'node:fs';
import path from 'node:path';
import { escapeHtml } from './highlight.mjs';
import { codeBlock } from './markdown.mjs';

/**
 * What cannot be read off a script: what comes out of it, and how long it takes. Times are those of a machine
 * with 2 cores and native TensorFlow.
 */
const FACTS = JSON.parse(fs.readFileSync(new URL('./pipelines.json', import.meta.url), 'utf8'));

/** @returns {{ name: string, about: string, commands: string[], shows: string, time: string }[]} */
export function readPipelines(root) {
  const folder = path.join(root, 'pipelines');
  const names = fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));
  for (const name of Object.keys(FACTS))
    if (!names.includes(name))
      throw new Error(`pipelines.json: no pipelines/${name}.ts; remove '${name}' from it, or rename it`);
  return names.sort().map((name) => {
    const facts = FACTS[name];
    if (facts === undefined)
      throw new Error(
        `pipelines/${name}.ts: say in scripts/docs/site/pipelines.json what it prints and how long it takes`,
      );
    const text = fs.readFileSync(path.join(folder, `${name}.ts`), 'utf8');
    const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1].replace(/^\s*\* ?/gm, '') ?? '';
    const commands = [...comment.matchAll(/^\s{2,}(npx rxaug .*)$/gm)].map((match) => match[1].trim());
    const about = comment
      .replace(/^\s{2,}npx rxaug .*$/gm, '')
      .replace(/:\s*\n\s*\n/g, '.\n\n')
      .trim();
    if (about === '' || commands.length === 0)
      throw new Error(
        `pipelines/${name}.ts: start it with a comment that says what it shows and the command, indented`,
      );
    return { name, about, commands, ...facts };
  });
}

export function pipelinesPage(pipelines, context, page) {
  const parts = pipelines.map(
    ({ name, about, commands, prints, time }) => `<h2 id="${name}">${escapeHtml(name)}</h2>
${context.render(about, page).html}
${codeBlock(commands.join('\n'), 'sh')}
<p><b>Time:</b> ${escapeHtml(time)}</p>
<p><b>What came out:</b></p>
${codeBlock(prints.join('\n'), 'text')}
<p><a href="${context.file(`pipelines/${name}.ts`, page)}">The script</a></p>`,
  );
  return `<h1>Pipelines</h1>
<p>Scripts that use the package as you would. Times are those of a machine with 2 cores and native TensorFlow; the
figures are of the runs that <a href="${context.results(page)}">the results</a> describe, and depend on the seed.</p>
${parts.join('\n')}`;
}
