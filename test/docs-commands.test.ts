/** docs/commands.md has a section for every command, with every option and no other. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { program } from '../src/cli/program.js';

const page = readFileSync(fileURLToPath(new URL('../docs/commands.md', import.meta.url)), 'utf8');
const sections = new Map(
  page
    .split(/^## rxaug /m)
    .slice(1)
    .map((text) => [text.slice(0, text.indexOf('\n')), text] as const),
);
/** Listed once, at the top of the page. */
const SHARED = ['--set', '--seed', '--workers'];
const flagsIn = (text: string) => new Set(text.match(/--[a-z][a-z-]*/g) ?? []);
const optionsOf = (command: Command): string[] =>
  [command, ...command.commands].flatMap(({ options }) => options.map(({ long }) => long as string));

const commands = (await program()).commands.map((command) => [command.name(), command] as const);

describe('docs/commands.md', () => {
  it('has a section for every command and no other', () => {
    expect([...sections.keys()].sort()).toEqual(commands.map(([name]) => name).sort());
  });

  it.each(commands)('has every option of %s and no other', (name, command) => {
    const listed = flagsIn(sections.get(name) ?? '');
    const options = optionsOf(command);
    const usesPipeline = command.registeredArguments.some((argument) => argument.name() === 'pipeline');
    expect(options.filter((flag) => !listed.has(flag) && !(usesPipeline && SHARED.includes(flag)))).toEqual(
      [],
    );
    expect([...listed].filter((flag) => !options.includes(flag))).toEqual([]);
  });

  it('lists what commands with a pipeline share, before the first section', () => {
    expect([...flagsIn(page.slice(0, page.indexOf('\n## ')))].sort()).toEqual(
      [...SHARED, '--debug', '--help', '--version'].sort(),
    );
  });
});
