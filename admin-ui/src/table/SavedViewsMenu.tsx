import { ActionIcon, Button, Group, Menu, Text, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { useTranslations } from 'use-intl';
import type { Opening } from '@/ui/OnDemand';
import type { Search, useViews, View } from './views';

interface Props extends Opening {
  target: ReactElement;
  kept: ReturnType<typeof useViews>;
  current: View | undefined;
  search: Search;
  onApply: (search: Search) => void;
}

/** The kept views, and a name for what is shown now. */
export default function SavedViewsMenu({ target, kept, current, search, onApply, ...opening }: Props) {
  const t = useTranslations('common.views');
  const { views, save, remove } = kept;
  const [name, setName] = useState('');
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return;
    save({ name: name.trim(), search });
    setName('');
  };
  return (
    <Menu position="bottom-end" width={260} trapFocus={false} {...opening}>
      <Menu.Target>{target}</Menu.Target>
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
