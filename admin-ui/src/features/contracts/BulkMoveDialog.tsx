import { Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconPointFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { moveContract } from '@/api/queries/contracts';
import type { ContractOut } from '@/api/schema';
import { useEach, type Outcome } from '@/api/useEach';
import { useProblemWords } from '@/ui/problemWords';
import { CancelFields, whyOf, type Why } from './CancelFields';
import { isPossible, type Move } from './moves';
import { useContractName } from './names';
import { useAfterMove } from './useMoveContract';
import classes from './contracts.module.css';

interface Props {
  move: Move;
  /** The selection; those in another status are left out. */
  contracts: ContractOut[];
  onClose: () => void;
}

/** A move of many contracts, with what became of each. */
export function BulkMoveDialog({ move, contracts, onClose }: Props) {
  const t = useTranslations('contracts');
  const [rows] = useState(() => contracts.filter((contract) => isPossible(move, contract)));
  const [why, setWhy] = useState<Why>({ reason: null, note: '' });
  const { outcomes, running, run, failed } = useEach();
  const finished = outcomes.size === rows.length;
  const afterMove = useAfterMove();
  const nameOf = useContractName();
  const label = t(`moves.${move}`);
  const started = running || outcomes.size > 0;

  const start = async (event: React.FormEvent) => {
    event.preventDefault();
    const reason = whyOf(why);
    if (move === 'cancel' && !reason) return;
    const step = move === 'cancel' ? { move, why: reason! } : { move };
    await run(
      rows,
      ({ id }) => id,
      ({ id }) => moveContract(id, step),
    );
    afterMove();
  };
  const close = () => {
    if (!running) onClose();
  };

  return (
    <Modal opened onClose={close} title={t('bulk.title', { move: label, count: rows.length })} size={520}>
      <form onSubmit={(event) => void start(event)}>
        <Stack gap="sm">
          {rows.length < contracts.length && (
            <Text size="sm" c="dimmed">
              {t('bulk.skipped', { count: contracts.length - rows.length })}
            </Text>
          )}
          {move === 'cancel' && !started && (
            <>
              <Text size="sm" c="dimmed">
                {t('confirm.cancel_text')} {t('bulk.reason_for_all')}
              </Text>
              <CancelFields value={why} onChange={setWhy} />
            </>
          )}
          {started && (
            <div role="status">
              <Progress value={(100 * outcomes.size) / rows.length} size="sm" mb={6} aria-label={label} />
              <Text size="sm">
                {finished
                  ? t('bulk.finished', { ok: outcomes.size - failed, failed })
                  : t('bulk.progress', { done: outcomes.size, count: rows.length })}
              </Text>
            </div>
          )}
          <ul className={classes.outcomes} tabIndex={0} aria-label={label}>
            {rows.map((contract) => (
              <OutcomeRow
                key={contract.id}
                name={nameOf(contract)}
                home={contract.unit.number}
                outcome={outcomes.get(contract.id)}
              />
            ))}
          </ul>
        </Stack>
        <Group justify="flex-end" mt="md">
          {finished ? (
            <Button size="sm" onClick={close} data-autofocus>
              {t('bulk.close')}
            </Button>
          ) : (
            <Button
              type="submit"
              size="sm"
              color={move === 'cancel' ? 'red' : undefined}
              loading={running}
              disabled={rows.length === 0 || (move === 'cancel' && !why.reason)}
            >
              {t('bulk.run', { move: label, count: rows.length })}
            </Button>
          )}
        </Group>
      </form>
    </Modal>
  );
}

function OutcomeRow({ name, home, outcome }: { name: string; home: string | null; outcome: Outcome }) {
  const t = useTranslations('contracts');
  const words = useProblemWords();
  return (
    <li className={classes.outcome}>
      {outcome === undefined ? (
        <IconPointFilled size={15} className={classes.waiting} aria-label={t('bulk.waiting')} />
      ) : outcome === 'done' ? (
        <IconCheck size={15} className={classes.ok} aria-label={t('bulk.ok')} />
      ) : (
        <IconAlertTriangle size={15} className={classes.bad} aria-label={t('bulk.failed')} />
      )}
      <span>{name}</span>
      <span className={classes.outcomeHome}>{home}</span>
      {outcome instanceof Error && <span className={classes.outcomeWhy}>{words(outcome).advice}</span>}
    </li>
  );
}
