import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { showProblem } from '@/ui/toast';
import classes from './contacts.module.css';

const VISIBLE_MS = 60_000;

interface Shown {
  label: string;
  value: ReactNode;
}

interface Props {
  onReveal: (purpose: string) => Promise<Shown[]>;
  onClose: () => void;
}

/** Everything that is known of a person, for one purpose; gone again after a minute, or with the dialog. */
export function RevealAll({ onReveal, onClose }: Props) {
  const t = useTranslations('common.masked');
  const tContacts = useTranslations('contacts');
  const tCommon = useTranslations('common');
  const [purpose, setPurpose] = useState('');
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState<Shown[]>();
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(onClose, VISIBLE_MS);
    return () => clearTimeout(timer);
  }, [shown, onClose]);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    onReveal(purpose.trim())
      .then(setShown, showProblem)
      .finally(() => setBusy(false));
  };
  return (
    <Modal opened onClose={onClose} title={tContacts('reveal_all')}>
      {shown ? (
        <>
          <dl className={classes.shown}>
            {shown.map(({ label, value }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          <Group justify="flex-end" mt="md">
            <Button size="sm" onClick={onClose}>
              {tCommon('close')}
            </Button>
          </Group>
        </>
      ) : (
        <form onSubmit={submit}>
          <TextInput
            label={t('purpose')}
            description={t('purpose_hint')}
            placeholder={t('purpose_placeholder')}
            value={purpose}
            onChange={(event) => setPurpose(event.currentTarget.value)}
            maxLength={300}
            autoComplete="off"
            data-autofocus
          />
          <Group justify="flex-end" mt="lg">
            <Button variant="default" size="sm" onClick={onClose}>
              {tCommon('cancel')}
            </Button>
            <Button type="submit" size="sm" disabled={purpose.trim().length < 3} loading={busy}>
              {t('show')}
            </Button>
          </Group>
        </form>
      )}
    </Modal>
  );
}
