import { IconMail, IconMapPin, IconPhone } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { partyContact, revealParty } from '@/api/queries/parties';
import type { BuyerOut, ContractOut, PersonalField, RevealOut } from '@/api/schema';
import { Phone } from '@/format';
import { MaskedValue } from '@/ui/MaskedValue';
import { Bar } from '@/ui/Skeletons';
import { showProblem } from '@/ui/toast';
import { StatusBadge } from '@/ui/StatusBadge';
import { ERASED } from './names';
import classes from './contracts.module.css';

/** Who buys: masked, each value disclosed for a purpose. */
export function Parties({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts.parties');
  const mayRead = useCan('contacts.read');
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>{t('title')}</h2>
      <ul className={classes.parties}>
        {contract.buyers.map((buyer) => (
          <li key={buyer.contact_id} className={classes.party}>
            {mayRead ? <Party buyer={buyer} /> : <HiddenParty buyer={buyer} />}
          </li>
        ))}
      </ul>
      {!mayRead && <p className={classes.hint}>{t('hidden')}</p>}
    </section>
  );
}

function Party({ buyer }: { buyer: BuyerOut }) {
  const t = useTranslations('contracts.parties');
  const contact = useQuery(partyContact(buyer.contact_id)).data;
  if (buyer.name === ERASED) return <ErasedParty buyer={buyer} />;
  if (contact?.damaged) return <p className={classes.hint}>{t('damaged')}</p>;
  return (
    <>
      <div className={classes.partyHead}>
        <span className={classes.avatar} aria-hidden>
          {buyer.name?.replaceAll(/[^\p{L}]/gu, '').slice(0, 2)}
        </span>
        <strong>
          <Revealed buyer={buyer} field="name" masked={buyer.name} />
        </strong>
        <Role role={buyer.role} />
      </div>
      <dl className={classes.partyFields}>
        <Field icon={<IconMail size={14} stroke={1.6} aria-hidden />} name={t('email')}>
          {contact ? <Revealed buyer={buyer} field="email" masked={contact.email} /> : <Bar />}
        </Field>
        <Field icon={<IconPhone size={14} stroke={1.6} aria-hidden />} name={t('phone')}>
          {contact ? <Revealed buyer={buyer} field="phone" masked={contact.phone} /> : <Bar />}
        </Field>
        {contact?.address && (
          <Field icon={<IconMapPin size={14} stroke={1.6} aria-hidden />} name={t('address')}>
            <Revealed buyer={buyer} field="address" masked={contact.address} />
          </Field>
        )}
      </dl>
    </>
  );
}

function Field({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {icon}
        {name}
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Somebody who is nobody any more. */
function ErasedParty({ buyer }: { buyer: BuyerOut }) {
  return (
    <div className={classes.partyHead}>
      <span className={classes.avatar} aria-hidden />
      <StatusBadge status="erased" />
      <Role role={buyer.role} />
    </div>
  );
}

function HiddenParty({ buyer }: { buyer: BuyerOut }) {
  return (
    <div className={classes.partyHead}>
      <span className={classes.avatar} aria-hidden>
        {buyer.position}
      </span>
      <strong>•••</strong>
      <Role role={buyer.role} />
    </div>
  );
}

export function Role({ role }: { role: string }) {
  const t = useTranslations('contracts.parties.roles');
  const known = (['buyer', 'co_buyer', 'guarantor'] as const).find((known) => known === role);
  return <span className={classes.role}>{known ? t(known) : role}</span>;
}

interface RevealedProps {
  buyer: BuyerOut;
  field: Exclude<PersonalField, 'date_of_birth'>;
  masked: string | null;
}

function Revealed({ buyer, field, masked }: RevealedProps) {
  const t = useTranslations('contracts.parties');
  const mayReveal = useCan('contacts.reveal');
  if (masked === null) return <span className={classes.level}>{t('nothing')}</span>;
  const reveal = async (purpose: string) => {
    try {
      return shown(await revealParty(buyer.contact_id, field, purpose), field);
    } catch (error) {
      showProblem(error);
      throw error;
    }
  };
  return <MaskedValue field={t(field)} masked={masked} {...(mayReveal ? { onReveal: reveal } : {})} />;
}

function shown(answer: RevealOut, field: RevealedProps['field']): ReactNode {
  if (field === 'phone') return answer.phone && <Phone number={answer.phone} />;
  if (field === 'email') return answer.email && <a href={`mailto:${answer.email}`}>{answer.email}</a>;
  if (field === 'name') return answer.name;
  const parts = answer.address;
  if (!parts) return null;
  const region = [parts.region, parts.postal_code].filter(Boolean).join(' ');
  return [parts.line1, parts.line2, parts.city, region, parts.country].filter(Boolean).join(', ');
}
