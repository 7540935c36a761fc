import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { contactSearch } from '@/api/queries/parties';
import type { ContactOut } from '@/api/schema';
import classes from './form.module.css';

interface Props {
  projectId: string;
  /** The chosen contact, masked; empty before. */
  shown: string;
  error: ReactNode;
  onPick: (contact: { id: string; shown: string } | null) => void;
}

const shownOf = ({ name, email, phone, address }: ContactOut) =>
  [name, email, phone, address].filter(Boolean).join(' · ');

/** Finds a contact by what is known of them. What is found stays masked. */
export function ContactPicker({ projectId, shown, error, onPick }: Props) {
  const t = useTranslations('contracts.form');
  // Never in the URL: it may be somebody's name.
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed.trim(), 250);
  const found = useQuery(contactSearch(projectId, text)).data?.items;
  if (shown)
    return (
      <div className={classes.chosen}>
        <IconUser size={15} stroke={1.6} aria-hidden />
        <span>{shown}</span>
        <Button variant="subtle" size="compact-sm" onClick={() => onPick(null)}>
          {t('change')}
        </Button>
      </div>
    );
  return (
    <div>
      <TextInput
        label={t('find')}
        description={t('find_hint')}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        error={error}
      />
      <div role="status" className={classes.found}>
        {text.length >= 2 && found && t('found', { count: found.length })}
      </div>
      {text.length >= 2 && found && found.length > 0 && (
        <ul className={classes.results}>
          {found.map((contact) => (
            <li key={contact.id}>
              <button type="button" onClick={() => onPick({ id: contact.id, shown: shownOf(contact) })}>
                <IconUser size={15} stroke={1.6} aria-hidden />
                {shownOf(contact)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
