import { ActionIcon, Alert, Button } from '@mantine/core';
import { IconCopy, IconDownload, IconLink, IconShieldCheck, IconShieldQuestion } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { auditHead, auditKey } from '@/api/queries/audit';
import { useMe } from '@/api/queries/me';
import type { HeadOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { Bar } from '@/ui/Skeletons';
import { showProblem, toastDone } from '@/ui/toast';
import { BrokenOff, exportStream, saveExport } from './exported';
import { KeyWarning } from './KeyWarning';
import { isStrange, useLogKey } from './logKey';
import { Signed } from './Signed';
import { useVerified, type Verified } from './verified';
import { verifyExport, type Verdict } from './verify';
import classes from './audit.module.css';

/** Where the chain stands, whether this browser verified it, and the export. */
export function ChainBar() {
  const t = useTranslations('audit.chain');
  const me = useMe();
  const head = useQuery(auditHead());
  const everyProject = me?.membership?.project_ids === null;
  return (
    <section className={classes.chain} aria-label={t('title')}>
      <IconLink size={16} stroke={1.7} aria-hidden />
      {head.data ? (
        <>
          <HeadText head={head.data} />
          <Signed checkpoint={head.data.checkpoint} />
        </>
      ) : (
        <Bar width="w40" />
      )}
      <div className={classes.chainActions}>
        {everyProject ? (
          <>
            {head.data && <Verification head={head.data} onStart={() => head.refetch()} />}
            <Export />
          </>
        ) : (
          <span className={classes.hint}>{t('scope')}</span>
        )}
      </div>
    </section>
  );
}

function HeadText({ head }: { head: HeadOut }) {
  const t = useTranslations('audit');
  const copy = () => void navigator.clipboard.writeText(head.hash);
  return (
    <span className={classes.head}>
      <strong>{t('chain.length', { n: head.n })}</strong>
      <span className={classes.hash}>
        <code title={head.hash}>{head.hash.slice(0, 8)}…</code>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          title={t('event.copy_hash')}
          aria-label={t('event.copy_hash')}
          onClick={copy}
        >
          <IconCopy size={13} aria-hidden />
        </ActionIcon>
      </span>
    </span>
  );
}

/** The keys to verify with: those that this browser trusts, or at first the one that the API tells. Null if it tells another. */
function useKeys(): (trusted: readonly string[]) => Promise<readonly string[] | null> {
  const client = useQueryClient();
  return async (trusted) => {
    const asked = client.fetchQuery({ ...auditKey(), staleTime: 0 });
    if (trusted.length === 0) return [(await asked).key];
    // Whoever knows the key need not be told.
    const told = await asked.then(({ key }) => key).catch(() => undefined);
    return isStrange(told, trusted) ? null : trusted;
  };
}

const wordOf = ({ n, signed }: Verified) =>
  signed === null ? 'verified' : signed === n ? 'verified_all' : 'verified_signed';

function Verification({ head, onStart }: { head: HeadOut; onStart: () => Promise<{ data?: HeadOut | undefined }> }) {
  const t = useTranslations('audit.chain');
  const format = useFormat();
  const [known, keep] = useVerified();
  const { strange, accept } = useLogKey();
  const keysFor = useKeys();
  const [progress, setProgress] = useState({ done: 0, total: head.n });
  const check = useMutation({
    mutationFn: async (): Promise<Verdict | null> => {
      const trusted = known?.keys ?? [];
      const keys = await keysFor(trusted);
      if (!keys) return null;
      // The head is named before the export begins, so the export has to contain it.
      const server = (await onStart()).data ?? head;
      const stream = await exportStream();
      const verdict = await verifyExport(stream, { server, known, keys }, (done, total) =>
        setProgress({ done, total }),
      );
      // A key is trusted once it signed something.
      const proven = verdict.ok && verdict.signed !== null ? keys : trusted;
      if (verdict.ok)
        keep({ ...verdict.head, at: new Date().toISOString(), signed: verdict.signed, keys: [...proven] });
      return verdict;
    },
  });
  const verdict = check.data;
  return (
    <>
      <span className={classes.verdict} role="status" data-ok={known && verdict?.ok !== false ? true : undefined}>
        {check.isPending ? (
          t('verifying', progress)
        ) : verdict?.ok === false ? null : known ? (
          <>
            <IconShieldCheck size={16} stroke={1.8} aria-hidden />
            {t(wordOf(known), { n: known.n, signed: known.signed ?? 0, ago: format.relative(known.at) })}
          </>
        ) : (
          <>
            <IconShieldQuestion size={16} stroke={1.8} aria-hidden />
            {t('unchecked')}
          </>
        )}
      </span>
      <Button
        variant="default"
        title={t('how')}
        loading={check.isPending}
        disabled={strange !== undefined}
        onClick={() => check.mutate()}
      >
        {t('verify')}
      </Button>
      {strange !== undefined && <KeyWarning strange={strange} accept={accept} />}
      {verdict?.ok === false && (
        <Alert color="red" title={t('broken')} className={classes.broken ?? ''} role="alert">
          {t('broken_at', { n: verdict.n, reason: t(`reasons.${verdict.fault}`) })} {t('broken_advice')}
        </Alert>
      )}
    </>
  );
}

function Export() {
  const t = useTranslations('audit.export');
  const me = useMe();
  const format = useFormat();
  const [bytes, setBytes] = useState(0);
  const save = useMutation({
    meta: { handlesProblem: true },
    mutationFn: async () => {
      let written = 0;
      const day = new Date().toISOString().slice(0, 10);
      const saved = await saveExport(`audit-${me?.membership?.tenant}-${day}.ndjson`, (count) => {
        written = count;
        setBytes(count);
      });
      return saved === null ? null : written;
    },
    onSuccess: (written) => {
      if (written !== null) toastDone(t('done', { bytes: format.bytes(written) }));
    },
    onError: (error) =>
      error instanceof BrokenOff ? toastDone(`${t('broken')}. ${t('broken_text')}`) : showProblem(error),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconDownload size={15} aria-hidden />}
      disabled={save.isPending}
      onClick={() => save.mutate()}
    >
      {save.isPending ? t('working', { bytes: format.bytes(bytes) }) : t('action')}
    </Button>
  );
}
