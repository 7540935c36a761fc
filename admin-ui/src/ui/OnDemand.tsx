import { cloneElement, Suspense, useState, type ReactElement, type ReactNode } from 'react';
import type { MenuProps } from '@mantine/core';

interface Props {
  /** Is there at once. */
  button: ReactElement<React.ComponentProps<'button'>>;
  /** Starts to load the menu's code: when the pointer or the focus comes to the button. */
  load: () => Promise<unknown>;
  /** The lazy menu, with the button as its target and what it spreads into its `Menu`. */
  menu: (target: ReactElement<{ ref?: React.Ref<HTMLButtonElement> }>, opening: Opening) => ReactNode;
  /** What the button opens, for those who do not see it. */
  opens?: 'menu' | 'dialog';
}

export type Opening = Pick<MenuProps, 'defaultOpened' | 'onClose'>;

/** A button whose menu's code is not part of the page: the first click loads and opens it. */
export function OnDemand({ button, load, menu, opens = 'menu' }: Props) {
  const [target, setTarget] = useState<HTMLButtonElement | null>(null);
  const [wanted, setWanted] = useState(false);
  const warm = () => void load();
  const closed = cloneElement(button, {
    onClick: () => setWanted(true),
    onPointerEnter: warm,
    onFocus: warm,
    'aria-haspopup': opens,
  });
  if (!wanted) return closed;
  // Mantine gives the focus back to what had it before, which is the button that this one replaces.
  const opening = { defaultOpened: true, onClose: () => target?.focus() };
  return <Suspense fallback={closed}>{menu(cloneElement(button, { ref: setTarget }), opening)}</Suspense>;
}
