import { ActionIcon, Button } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { ContractOut } from '@/api/schema';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { MoreMenu } from '@/ui/MoreMenu';
import { usePhone } from '@/ui/usePhone';
import { MoveIcon } from './MoveIcon';
import { isPossible, useMoves, useUndoOf, type Move } from './moves';
import { useContractName } from './names';
import { lazily } from '@/ui/lazily';
import { useMoveContract } from './useMoveContract';

const MoveDialog = lazily(() => import('./MoveDialog').then((part) => part.MoveDialog));

const KEYS: Record<Move, string> = { submit: 's', approve: 'a', return: 'r', cancel: 'c' };

/** What can be done next: buttons, letters and palette commands. Steps without a way back are asked about first. */
export function MoveActions({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts');
  const phone = usePhone();
  const [asking, setAsking] = useState<Move | null>(null);
  const name = useContractName()(contract);
  const undoOf = useUndoOf();
  const moving = useMoveContract(contract.id);
  const moves = useMoves().filter((move) => isPossible(move, contract));
  const begin = (move: Move) => {
    if (move !== 'cancel' && undoOf(move)) moving.mutate({ move });
    else setAsking(move);
  };
  const print = () => window.print();
  const main = moves.at(-1);
  const others = moves.slice(0, -1);

  useShortcuts([
    ...moves.map((move) => ({
      keys: KEYS[move],
      label: t(`moves.${move}`),
      group: 'page' as const,
      run: () => begin(move),
    })),
    { keys: 'p', label: t('page.print'), group: 'page', run: print },
  ]);
  useCommands([
    ...moves.map((move) => ({
      id: `contract-${move}`,
      label: t(`moves.${move}`),
      group: 'act' as const,
      keys: KEYS[move],
      run: () => begin(move),
    })),
    { id: 'contract-print', label: t('page.print'), group: 'act', keys: 'p', run: print },
  ]);

  return (
    <>
      {!phone &&
        others.map((move) => (
          <Button key={move} variant="default" leftSection={<MoveIcon move={move} />} onClick={() => begin(move)}>
            {t(`moves.${move}`)}
          </Button>
        ))}
      {!phone && (
        <ActionIcon variant="default" size={30} aria-label={t('page.print')} onClick={print}>
          <IconPrinter size={15} aria-hidden />
        </ActionIcon>
      )}
      {phone && (
        <MoreMenu
          items={[
            ...others.map((move) => ({
              id: move,
              label: t(`moves.${move}`),
              icon: <MoveIcon move={move} />,
              run: () => begin(move),
            })),
            { id: 'print', label: t('page.print'), icon: <IconPrinter size={15} aria-hidden />, run: print },
          ]}
        />
      )}
      {main && (
        <Button
          variant={main === 'cancel' ? 'default' : 'filled'}
          size={phone ? 'sm' : 'xs'}
          leftSection={<MoveIcon move={main} />}
          onClick={() => begin(main)}
        >
          {phone ? t(`moves_short.${main}`) : t(`moves.${main}`)}
        </Button>
      )}
      {asking && (
        <MoveDialog
          move={asking}
          name={name}
          onClose={() => setAsking(null)}
          onConfirm={(step) => {
            setAsking(null);
            moving.mutate(step);
          }}
        />
      )}
    </>
  );
}
