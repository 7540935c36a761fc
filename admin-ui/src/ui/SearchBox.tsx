import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useRef } from 'react';
import { useShortcuts } from '@/shell/shortcuts';
import classes from './searchbox.module.css';

interface Props {
  label: string;
  hint: string;
  clear: string;
  text: string;
  onText: (text: string) => void;
}

/** Finds rows of a list; `/` goes there, Escape empties it. What is typed may be somebody's name, so it is in no URL. */
export function SearchBox({ label, hint, clear, text, onText }: Props) {
  const box = useRef<HTMLInputElement>(null);
  useShortcuts([{ keys: '/', label, group: 'page', run: () => box.current?.focus() }]);
  return (
    <TextInput
      ref={box}
      size="xs"
      className={classes.search ?? ''}
      aria-label={label}
      placeholder={hint}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={text && <CloseButton size="xs" aria-label={clear} onClick={() => onText('')} />}
      value={text}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onText(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Escape' && onText('')}
    />
  );
}
