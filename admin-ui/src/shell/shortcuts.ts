import { useEffect, useRef } from 'react';

export interface Shortcut {
  /** `j`, `Enter`, `mod+k`, or two keys in a row: `g h`. */
  keys: string;
  /** Listed in the overlay when it has a label. */
  label?: string;
  group?: 'everywhere' | 'go' | 'lists' | 'page';
  run: () => void;
}

const layers: { current: Shortcut[] }[] = [];
const CHORD_MS = 1200;
let chord: { key: string; at: number } | null = null;

/** The shortcuts of everything that is mounted, the latest first. */
export function activeShortcuts(): Shortcut[] {
  return layers.toReversed().flatMap((layer) => layer.current);
}

/** Listens while the component is mounted; what was mounted last wins. */
export function useShortcuts(shortcuts: Shortcut[]): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    layers.push(latest);
    return () => void layers.splice(layers.indexOf(latest), 1);
  }, []);
}

const TYPING = 'input, textarea, select, [contenteditable="true"], [role="menu"], [role="listbox"], [role="combobox"]';

function isTyping(target: EventTarget | null): boolean {
  const field = target instanceof Element ? target.closest(TYPING) : null;
  return field !== null && !(field instanceof HTMLInputElement && field.type === 'checkbox');
}

/** `mod` is Ctrl, and Cmd on a Mac. */
function pressed(event: KeyboardEvent): string {
  return (event.metaKey || event.ctrlKey ? 'mod+' : '') + event.key;
}

/** Finds the shortcut of a key press, two keys in a row included. */
export function match(event: KeyboardEvent, shortcuts: Shortcut[], at: number): Shortcut | undefined {
  const key = pressed(event);
  const typing = isTyping(event.target);
  if (event.altKey || (typing && !key.startsWith('mod+'))) return undefined;
  // A dialog has the keys to itself, but for the palette.
  if (document.querySelector('[data-modal-content]') && !key.startsWith('mod+')) return undefined;
  // Enter and Space belong to the control that has the focus.
  if (key === 'Enter' && event.target instanceof Element && event.target.closest('a, button')) return undefined;
  const first = chord && at - chord.at < CHORD_MS ? chord.key : null;
  chord = null;
  const two = first ? shortcuts.find(({ keys }) => keys === `${first} ${key}`) : undefined;
  if (two) return two;
  if (shortcuts.some(({ keys }) => keys.startsWith(`${key} `))) chord = { key, at };
  return shortcuts.find(({ keys }) => keys === key);
}

/** Mounted once, in the shell. */
export function useShortcutListener(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const found = event.defaultPrevented ? undefined : match(event, activeShortcuts(), event.timeStamp);
      if (!found) return;
      event.preventDefault();
      found.run();
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
}
