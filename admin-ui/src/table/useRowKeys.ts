import { useTranslations } from 'use-intl';
import { useShortcuts } from '@/shell/shortcuts';

interface Options {
  count: number;
  active: number;
  setActive: (index: number) => void;
  onOpen: (index: number) => void;
  onToggle: (index: number) => void;
  onClear: () => void;
}

/** The keys of a list. */
export function useRowKeys({ count, active, setActive, onOpen, onToggle, onClear }: Options): void {
  const t = useTranslations('shell.shortcuts');
  const move = (by: number) => count > 0 && setActive(Math.min(Math.max(active + by, 0), count - 1));
  useShortcuts([
    { keys: 'j', label: t('down'), group: 'lists', run: () => move(1) },
    { keys: 'k', label: t('up'), group: 'lists', run: () => move(-1) },
    { keys: 'ArrowDown', run: () => move(1) },
    { keys: 'ArrowUp', run: () => move(-1) },
    { keys: 'x', label: t('select'), group: 'lists', run: () => onToggle(active) },
    { keys: 'Enter', label: t('open'), group: 'lists', run: () => onOpen(active) },
    { keys: 'Escape', label: t('clear'), group: 'lists', run: onClear },
  ]);
}
