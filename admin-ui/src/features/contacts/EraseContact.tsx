import { Alert, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { ApiProblem } from '@/api/problem';
import { ERASE, useEraseContact } from '@/api/queries/contacts';
import type { ContactOut } from '@/api/schema';
import { ConfirmTyped } from '@/ui/ConfirmTyped';
import { showProblem, toastDone } from '@/ui/toast';
import classes from './contacts.module.css';

const SHORTEST_REASON = 3;

/** Says what erasing somebody does, and does it once a reason is given and the word is typed. */
export function EraseContact({ contact, onClose }: { contact: ContactOut; onClose: () => void }) {
  const t = useTranslations('contacts');
  const erase = useEraseContact(contact.id);
  const [key] = useState(idempotencyKey);
  const [reason, setReason] = useState('');
  const [live, setLive] = useState<ApiProblem['blockedBy'] | null>(null);
  const given = reason.trim();
  const confirm = async () => {
    try {
      await erase.mutateAsync({ key, reason: given });
      toastDone(t('erase.done'));
    } catch (error) {
      const kind = error instanceof ApiProblem ? error.kind : null;
      // Somebody else did it: the page shows it already.
      if (kind === 'contact-erased') return toastDone(t('erase.before'));
      if (kind === 'contact-under-contract') setLive((error as ApiProblem).blockedBy);
      else showProblem(error);
      throw error;
    }
  };
  return (
    <ConfirmTyped
      opened
      onClose={onClose}
      title={t('erase.title', { name: contact.name ?? t('title_one') })}
      word={ERASE}
      action={t('erase.action')}
      ready={given.length >= SHORTEST_REASON}
      onConfirm={confirm}
    >
      <ul className={classes.consequences}>
        <li>{t('erase.gone')}</li>
        <li>{t('erase.contracts')}</li>
        <li>{t('erase.backups')}</li>
        <li>
          <strong>{t('erase.never')}</strong>
        </li>
      </ul>
      {live && <Refused live={live} />}
      <Textarea
        label={t('erase.reason')}
        description={t('erase.reason_hint')}
        placeholder={t('erase.reason_placeholder')}
        rows={2}
        maxLength={300}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </ConfirmTyped>
  );
}

/** What stands in the way, with the way there. */
function Refused({ live }: { live: ApiProblem['blockedBy'] }) {
  const t = useTranslations('contacts.erase');
  return (
    <Alert color="red" role="alert" mb="md" title={t('live_title')}>
      {t('live_text')}
      {live.map(({ id, name }) => (
        <Link key={id} to="/contracts/$contractId" params={{ contractId: id }} className={classes.live ?? ''}>
          {t('live_contract', { number: /\d+$/.exec(name)?.[0] ?? name })}
        </Link>
      ))}
    </Alert>
  );
}
