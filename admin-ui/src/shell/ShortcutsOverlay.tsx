import { Kbd, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { activeShortcuts } from './shortcuts';
import classes from './shortcuts.module.css';

const GROUPS = ['everywhere', 'go', 'lists', 'page'] as const;

/** What the keys do here: read from what is mounted, so that it is never out of date. */
export default function ShortcutsOverlay({ onClose }: { onClose: () => void }) {
  const t = useTranslations('shell.shortcuts');
  // As they were when `?` was pressed: the overlay adds none.
  const [shortcuts] = useState(activeShortcuts);
  return (
    <Modal opened onClose={onClose} title={t('title')} size="lg">
      <div className={classes.groups}>
        {GROUPS.map((group) => {
          const rows = shortcuts.filter((shortcut) => shortcut.group === group && shortcut.label);
          if (rows.length === 0) return null;
          return (
            <section key={group}>
              <h2 className={classes.title}>{t(group)}</h2>
              <dl className={classes.rows}>
                {rows.map(({ keys, label }) => (
                  <div key={keys + label} className={classes.row}>
                    <dt>{label}</dt>
                    <dd>
                      <Keys keys={keys} />
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Modal>
  );
}

function Keys({ keys }: { keys: string }) {
  const t = useTranslations('shell.shortcuts');
  return keys.split(' ').map((key, index) => (
    <span key={index}>
      {index > 0 && <span className={classes.then}>{t('then')}</span>}
      <Kbd size="xs">{key.replace('mod+', 'Ctrl/⌘ ').toUpperCase()}</Kbd>
    </span>
  ));
}
