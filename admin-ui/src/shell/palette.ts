import type { ReactNode } from 'react';
import type { Command } from './commands';

/** A line of the palette: a command, or a record that was found. */
export interface PaletteItem {
  id: string;
  group: 'selection' | 'act' | 'go' | 'records';
  label: string;
  icon?: ReactNode;
  /** Behind the label, quieter. */
  detail?: string;
  /** On the right: what kind of record it is. */
  kind?: string;
  /** On the right: the keys of a command. */
  keys?: string;
  run: () => void;
}

const GROUPS = ['selection', 'act', 'go'] as const;

/** The commands that what was typed leaves: every word somewhere in the name, what acts on the selection first. */
export function matching(commands: Command[], query: string): PaletteItem[] {
  return GROUPS.flatMap((group) => commands.filter((command) => command.group === group && matches(command, query)));
}

function matches({ label, words }: Command, query: string): boolean {
  const text = fold(`${label} ${words ?? ''}`);
  return fold(query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Without case and accents: `título` is found by `titulo`. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
