import { ActionIcon, Button, Group, Menu, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useViews, type Search } from './views';

export interface SavedViewsProps {
  /** Names the list, such as `contracts`. */
  list: string;
  /** The search parameters of the page; only those that the URL may show. */
  search: Search;
  onApply: (search: Search) => void;
}

/** See `SavedViews`. */
export default function SavedViewsMenu({ list, search, onApply }: SavedViewsProps) {
  const t = useTranslations('common.views');
  const { views, save, remove } = useViews(list);
  const [name, setName] = useState('');
  const current = views.find((view) => same(view.search, search));
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    save({ name: name.trim(), search });
    setName('');
  };
  return (
    <Menu position="bottom-end" width={260} trapFocus={false}>
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconBookmark size={14} aria-hidden />}>
          {current?.name ?? t('title')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {views.length === 0 && (
          <Text size="xs" c="dimmed" p="xs">
            {t('none')}
          </Text>
        )}
        {views.map((view) => (
          <Group key={view.name} gap={2} wrap="nowrap">
            <Menu.Item flex={1} onClick={() => onApply(view.search)} fw={view === current ? 600 : undefined}>
              {view.name}
            </Menu.Item>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={t('delete', { name: view.name })}
              onClick={() => remove(view.name)}
            >
              <IconX size={13} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Menu.Divider />
        <form onSubmit={submit}>
          <Group gap={6} p={4} wrap="nowrap">
            <TextInput
              size="xs"
              flex={1}
              aria-label={t('name')}
              placeholder={t('save')}
              maxLength={60}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              onKeyDown={(event) => event.stopPropagation()}
            />
            <Button type="submit" variant="default" disabled={!name.trim()}>
              {t('keep')}
            </Button>
          </Group>
        </form>
      </Menu.Dropdown>
    </Menu>
  );
}

function same(a: Search, b: Search): boolean {
  const text = (search: Search) =>
    JSON.stringify(
      Object.entries(search)
        .filter(([, value]) => value !== undefined)
        .toSorted(),
    );
  return text(a) === text(b);
}
