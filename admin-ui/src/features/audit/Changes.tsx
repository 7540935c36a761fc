import { useTranslations } from 'use-intl';
import { useMemberName } from '@/api/queries/members';
import type { EventOut } from '@/api/schema';
import { DateTime, Money } from '@/format';
import { useStatusWord } from '@/ui/StatusBadge';
import { amountOf, changesOf, fingerprintOf, isMoment, isUuid, memberIdOf, type Change } from './values';
import { useFieldWord } from './words';
import classes from './audit.module.css';

/** What has words of its own in lists and on badges. */
const STATUS = new Set(['state', 'sale_stage']);
const ROLES = ['buyer', 'co_buyer', 'guarantor'] as const;

/** Before and after of an event. Personal data is there as fingerprints only. */
export function Changes({ event }: { event: EventOut }) {
  const t = useTranslations('audit.event');
  const words = useFieldWord();
  const changes = changesOf(event);
  if (changes.length === 0) return <p className={classes.hint}>{t('nothing')}</p>;
  const sealed = changes.some(({ before, after }) => fingerprintOf(before) ?? fingerprintOf(after));
  return (
    <>
      <table className={classes.changes}>
        <thead>
          <tr>
            <th scope="col">{t('field')}</th>
            {event.before && <th scope="col">{t('before')}</th>}
            {event.after && <th scope="col">{event.before ? t('after') : t('created')}</th>}
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.field}>
              <th scope="row">{words(change.field)}</th>
              {event.before && (
                <td>
                  <Value event={event} change={change} value={change.before} />
                </td>
              )}
              {event.after && (
                <td>
                  <Value event={event} change={change} value={change.after} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {sealed && <p className={classes.hint}>{t('sealed_hint')}</p>}
    </>
  );
}

function Value({ event, change, value }: { event: EventOut; change: Change; value: unknown }) {
  const t = useTranslations();
  const memberName = useMemberName();
  const statusWord = useStatusWord();
  if (value === null || value === undefined) return <span className={classes.none}>–</span>;
  const fingerprint = fingerprintOf(value);
  if (fingerprint) {
    return <span className={classes.sealed}>{t('audit.event.sealed', { fingerprint: fingerprint.slice(0, 8) })}</span>;
  }
  const amount = amountOf(change, event, value);
  if (amount) return <Money value={amount} />;
  if (isMoment(value)) return <DateTime at={value} />;
  const name = memberName(memberIdOf(change.field, value));
  if (name) return name;
  if (typeof value === 'string' && STATUS.has(change.field)) return statusWord(value);
  const role = ROLES.find((role) => change.field === 'role' && role === value);
  if (role) return t(`contracts.parties.roles.${role}`);
  if (isUuid(value)) return <code title={value}>…{value.slice(-8)}</code>;
  if (typeof value === 'boolean') return t(value ? 'common.yes' : 'common.no');
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ') || '–';
  return typeof value === 'object' ? <code>{JSON.stringify(value)}</code> : String(value as string | number);
}
