import { Kbd, Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useAllCommands, type Command } from './commands';
import classes from './palette.module.css';

const GROUPS = ['selection', 'act', 'go'] as const;

/** Search, jump and act without the mouse. */
export function Palette({ onClose }: { onClose: () => void }) {
  const t = useTranslations('shell.palette');
  const commands = useAllCommands();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const found = useMemo(
    () => GROUPS.flatMap((group) => commands.filter((command) => command.group === group && matches(command, query))),
    [commands, query],
  );

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown') setActive((index) => Math.min(index + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setActive((index) => Math.max(index - 1, 0));
    else if (event.key === 'Enter') run(found[active]);
    else return;
    event.preventDefault();
  };

  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12dvh"
      title={undefined}
      aria-label={t('open')}
    >
      <div className={classes.search}>
        <IconSearch size={17} aria-hidden />
        <input
          data-autofocus
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={found[active] ? `palette-${found[active].id}` : undefined}
          aria-label={t('open')}
          placeholder={t('placeholder')}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={keys}
        />
      </div>
      <div id="palette-list" role="listbox" aria-label={t('open')} className={classes.list}>
        {found.length === 0 && <div className={classes.nothing}>{t('nothing', { query })}</div>}
        {found.map((command, index) => (
          <div key={command.id}>
            {command.group !== found[index - 1]?.group && <div className={classes.group}>{t(command.group)}</div>}
            <div
              id={`palette-${command.id}`}
              role="option"
              aria-selected={index === active}
              className={classes.item}
              onPointerMove={() => setActive(index)}
              onClick={() => run(command)}
            >
              {command.icon}
              <span>{command.label}</span>
              {command.keys && <Kbd size="xs">{command.keys.toUpperCase()}</Kbd>}
            </div>
          </div>
        ))}
      </div>
    </Modal>
  );
}

/** Every word of the query somewhere in the command. */
function matches({ label, words }: Command, query: string): boolean {
  const text = fold(`${label} ${words ?? ''}`);
  return fold(query)
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Without case and accents: `título` is found by `titulo`. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
