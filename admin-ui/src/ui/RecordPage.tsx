import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Page } from './Page';
import classes from './page.module.css';

export interface RecordTab {
  value: string;
  label: string;
  icon?: ReactNode;
  content: ReactNode;
}

interface Props {
  title: string;
  /** The status, and what else belongs beside the title. */
  aside?: ReactNode;
  actions?: ReactNode;
  /** `Property` elements. */
  properties: ReactNode;
  tabs: RecordTab[];
  /** The open tab and how to open another: keep it in the URL. */
  tab: string;
  onTab: (tab: string) => void;
}

/** A record: what it is on the side, what happens with it in tabs. On a phone the side comes last. */
export function RecordPage({ title, aside, actions, properties, tabs, tab, onTab }: Props) {
  const t = useTranslations('common');
  const open = tabs.find(({ value }) => value === tab) ?? tabs[0];
  return (
    <Page title={title} aside={aside} actions={actions} flush>
      <div className={classes.record}>
        <div className={classes.main}>
          {tabs.length === 1 ? (
            open?.content
          ) : (
            <Tabs value={open?.value ?? null} onChange={(value) => value && onTab(value)} keepMounted={false}>
              <Tabs.List mb="md">
                {tabs.map(({ value, label, icon }) => (
                  <Tabs.Tab key={value} value={value} leftSection={icon}>
                    {label}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              {tabs.map(({ value, content }) => (
                <Tabs.Panel key={value} value={value}>
                  {content}
                </Tabs.Panel>
              ))}
            </Tabs>
          )}
        </div>
        <aside className={classes.side} aria-label={t('details')}>
          {properties}
        </aside>
      </div>
    </Page>
  );
}

/** A group of properties with a heading. */
export function Properties({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <>
      {title && <h2 className={classes.sideTitle}>{title}</h2>}
      <dl className={classes.list}>{children}</dl>
    </>
  );
}

/** An icon, a name and a value. Leave out what is empty rather than showing a dash, unless it can be set here. */
export function Property({ icon, name, children }: { icon: ReactNode; name: string; children: ReactNode }) {
  return (
    <div className={classes.property}>
      <dt className={classes.term}>
        {icon}
        {name}
      </dt>
      <dd className={classes.value}>{children}</dd>
    </div>
  );
}
