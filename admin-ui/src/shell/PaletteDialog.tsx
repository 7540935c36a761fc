import { Kbd, Modal } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useProblemWords } from '@/ui/problemWords';
import { useAllCommands } from './commands';
import { matching, type PaletteItem } from './palette';
import { useRecords } from './useRecords';
import classes from './palette.module.css';

/** Search, jump and act without the mouse. */
export function Palette({ onClose }: { onClose: () => void }) {
  const t = useTranslations('shell.palette');
  const words = useProblemWords();
  const commands = useAllCommands();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const records = useRecords(query);
  const found = useMemo(() => [...records.items, ...matching(commands, query)], [records.items, commands, query]);
  const current = found[Math.min(active, found.length - 1)];

  const run = (item: PaletteItem | undefined) => {
    if (!item) return;
    onClose();
    item.run();
  };
  const move = (by: number) => setActive(Math.min(Math.max(active + by, 0), found.length - 1));
  const keys = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Enter') run(current);
    else return;
    event.preventDefault();
  };

  return (
    <Modal.Root opened onClose={onClose} size={580} yOffset="12dvh" lockScroll={false}>
      <Modal.Overlay backgroundOpacity={0.28} />
      <Modal.Content aria-label={t('open')}>
        <div className={classes.search}>
          <IconSearch size={17} aria-hidden />
          <input
            data-autofocus
            role="combobox"
            aria-expanded
            aria-controls="palette-list"
            aria-activedescendant={current ? `palette-${current.id}` : undefined}
            aria-label={t('open')}
            placeholder={t('placeholder')}
            autoComplete="off"
            spellCheck={false}
            maxLength={200}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
              setActive(0);
            }}
            onKeyDown={keys}
          />
        </div>
        {records.failed && <div className={classes.nothing}>{words(records.failed).title}</div>}
        {found.length === 0 && !records.failed && (
          <div className={classes.nothing} role="status">
            {records.searching ? t('searching') : t('nothing', { query })}
          </div>
        )}
        <Items items={found} current={current} onHover={setActive} onRun={run} />
        <div className="visually-hidden" role="status">
          {query && !records.searching && t('results', { count: found.length })}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

interface ItemsProps {
  items: PaletteItem[];
  current: PaletteItem | undefined;
  onHover: (index: number) => void;
  onRun: (item: PaletteItem) => void;
}

function Items({ items, current, onHover, onRun }: ItemsProps) {
  const t = useTranslations('shell.palette');
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: 'nearest' });
  }, [current]);
  return (
    <div id="palette-list" role="listbox" aria-label={t('open')} className={classes.list} ref={list} tabIndex={-1}>
      {items.map((item, index) => (
        <div key={item.id} role="presentation">
          {item.group !== items[index - 1]?.group && (
            <div className={classes.group} role="presentation">
              {t(item.group)}
            </div>
          )}
          <div
            id={`palette-${item.id}`}
            role="option"
            aria-selected={item === current}
            className={classes.item}
            onPointerMove={() => onHover(index)}
            onClick={() => onRun(item)}
          >
            {item.icon ?? <span className={classes.noIcon} />}
            <span className={classes.label}>{item.label}</span>
            {item.detail && <span className={classes.detail}>{item.detail}</span>}
            <span className={classes.end}>
              {item.kind}
              {item.keys && <Kbd size="xs">{item.keys.toUpperCase()}</Kbd>}
            </span>
          </div>
        </div>
      ))}
    </div>
  );
}
