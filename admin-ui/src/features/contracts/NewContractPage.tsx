import { Button } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconHome, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { useCreateContract } from '@/api/queries/contracts';
import { everyProject } from '@/api/queries/projects';
import { unit } from '@/api/queries/units';
import { toMajor, toMinor } from '@/format/values';
import type { UnitOut } from '@/api/schema';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { PageSkeleton } from '@/ui/Skeletons';
import { lazily } from '@/ui/lazily';
import { toastDone } from '@/ui/toast';
import { useFieldErrors } from '@/ui/formProblems';
import { BuyerFields } from './BuyerFields';
import { HomeFields, useAvailable } from './HomeFields';
import { PriceTable } from './PriceBreakdown';
import { useContractName } from './names';
import { pathsOf, requestOf, someone, type ContractValues } from './newContract';
import classes from './form.module.css';

// A home has to be chosen before there is a price.
const MoneyInput = lazily(
  () => import('@/format/MoneyInput').then((part) => part.MoneyInput),
  <div className={classes.price} />,
);

const route = getRouteApi('/_app/contracts/new');

/** Drafts a contract: a home, its buyers, a price. What the link names is chosen to begin with. */
export function NewContractPage() {
  const t = useTranslations('contracts.form');
  const { unit_id, project_id } = route.useSearch();
  const asked = useQuery({ ...unit(unit_id ?? ''), enabled: unit_id !== undefined });
  const projects = useQuery(everyProject());
  const error = projects.error ?? asked.error;
  if (error) return <Unreadable error={error} onRetry={() => void (projects.error ? projects : asked).refetch()} />;
  if (!projects.data || (unit_id && !asked.data)) {
    return (
      <Page title={t('title')}>
        <PageSkeleton />
      </Page>
    );
  }
  const open = projects.data.filter(({ state }) => state === 'active');
  const home = asked.data?.data;
  const first = home?.project_id ?? project_id ?? (open.length === 1 ? open[0]?.id : undefined) ?? '';
  return <ContractForm first={{ home, projectId: first }} projects={open.length} />;
}

interface FormProps {
  first: { home: UnitOut | undefined; projectId: string };
  /** How many projects there are to sell in. */
  projects: number;
}

const priceOf = (home: UnitOut | undefined) =>
  home ? toMajor(home.price.amount_minor, home.price.currency) : ('' as const);

function ContractForm({ first, projects }: FormProps) {
  const t = useTranslations('contracts.form');
  const [home, setHome] = useState(first.home);
  const { form, submit, busy } = useContractForm(first, home);
  const choose = (next: UnitOut | undefined) => {
    setHome(next);
    form.setFieldValue('price', priceOf(next));
  };
  const available = useAvailable(form.values.project_id);
  if (available.error) return <Unreadable error={available.error} onRetry={() => void available.refetch()} />;
  if (projects === 0 || (available.data?.length === 0 && projects === 1)) return <NothingToSell />;
  const { buyers, price } = form.values;
  const currency = home?.price.currency ?? 'USD';
  const atList = home && price === toMajor(home.price.amount_minor, currency);
  return (
    <Page title={t('title')}>
      <form className={classes.layout} onSubmit={form.onSubmit(submit)} noValidate>
        <div className={classes.fields}>
          <section>
            <HomeFields form={form} onHome={choose} />
          </section>
          <section>
            <h2>{t('buyers')}</h2>
            <p className={classes.hint}>{t('hint')}</p>
            {buyers.map((buyer, place) => (
              <BuyerFields key={buyer.key} form={form} place={place} />
            ))}
            {buyers.length < 10 && (
              <Button
                variant="subtle"
                size="compact-sm"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() => form.insertListItem('buyers', someone('co_buyer'))}
              >
                {t('add')}
              </Button>
            )}
          </section>
        </div>
        <aside className={classes.summary} aria-label={t('summary')}>
          <h2>{t('summary')}</h2>
          {home ? (
            <>
              <MoneyInput
                label={t('price')}
                currency={currency}
                size="md"
                {...form.getInputProps('price')}
                onChange={(value) => form.setFieldValue('price', typeof value === 'number' ? value : '')}
              />
              {!atList && (
                <Button variant="subtle" size="compact-sm" onClick={() => choose(home)}>
                  {t('at_list')}
                </Button>
              )}
              <PriceTable
                list={home.price}
                price={price === '' ? home.price : { amount_minor: toMinor(price, currency), currency }}
              />
            </>
          ) : (
            <p className={classes.hint}>{t('summary_empty')}</p>
          )}
          <Button type="submit" size="sm" fullWidth loading={busy}>
            {t('create')}
          </Button>
        </aside>
      </form>
    </Page>
  );
}

function useContractForm(first: FormProps['first'], home: UnitOut | undefined) {
  const t = useTranslations('contracts.form');
  const navigate = useNavigate();
  const nameOf = useContractName();
  const [key] = useState(idempotencyKey);
  const create = useCreateContract();
  const fieldErrors = useFieldErrors();
  const form = useForm<ContractValues>({
    initialValues: {
      project_id: first.projectId,
      unit_id: first.home?.id ?? '',
      price: priceOf(first.home),
      buyers: [someone('buyer')],
    },
    validate: {
      project_id: (id: string) => (id ? null : t('required_project')),
      unit_id: (id: string) => (id ? null : t('required_home')),
      price: (price: number | '') => (price === '' && home ? t('required_price') : null),
      buyers: {
        name: (name: string, { buyers }: ContractValues, path: string) =>
          buyers[Number(path.split('.')[1])]?.kind === 'known' || name.trim() ? null : t('required_name'),
        contact_id: (id: string, { buyers }: ContractValues, path: string) =>
          buyers[Number(path.split('.')[1])]?.kind === 'new' || id ? null : t('required_contact'),
      },
    },
  });
  const submit = async (values: ContractValues) => {
    try {
      const made = await create.mutateAsync({ key, body: requestOf(values, home?.price.currency ?? 'USD') });
      toastDone(t('created', { name: nameOf(made) }));
      await navigate({ to: '/contracts/$contractId', params: { contractId: made.id } });
    } catch (error) {
      fieldErrors(form, error, pathsOf(values.buyers));
    }
  };
  return { form, submit, busy: create.isPending };
}

function Unreadable({ error, onRetry }: { error: Error; onRetry: () => void }) {
  return (
    <Page title={useTranslations('contracts.form')('title')}>
      <ErrorState error={error} onRetry={onRetry} />
    </Page>
  );
}

function NothingToSell() {
  const t = useTranslations('contracts.form');
  return (
    <Page title={t('title')}>
      <EmptyState icon={<IconHome size={20} stroke={1.6} aria-hidden />} title={t('no_available_title')}>
        {t('no_homes')}
      </EmptyState>
    </Page>
  );
}
