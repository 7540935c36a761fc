import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import type { Versioned } from '@/api/client';
import { ApiProblem } from '@/api/problem';
import { auditKeys } from '@/api/queries/audit';
import { contract, contractKeys, moveContract, type Step } from '@/api/queries/contracts';
import { unitKeys } from '@/api/queries/units';
import type { ContractOut } from '@/api/schema';
import { openConflict } from '@/ui/conflict';
import { useStatusWord } from '@/ui/StatusBadge';
import { showProblem, toastDone } from '@/ui/toast';
import { MOVES, useUndoOf } from './moves';
import { useContractName } from './names';

/** Refreshes what a moved contract shows in: lists, its home, its trail. */
export function useAfterMove() {
  const client = useQueryClient();
  return () => {
    for (const queryKey of [contractKeys.lists(), unitKeys.all, auditKeys.all]) {
      void client.invalidateQueries({ queryKey });
    }
  };
}

/** Moves a contract: on screen at once, with an undo where there is a way back, and back again when it is refused. */
export function useMoveContract(id: string) {
  const client = useQueryClient();
  const t = useTranslations('contracts');
  const tc = useTranslations('common');
  const word = useStatusWord();
  const nameOf = useContractName();
  const undoOf = useUndoOf();
  const afterMove = useAfterMove();
  const { queryKey } = contract(id);

  const settle = (written: Versioned<ContractOut>) => {
    client.setQueryData(queryKey, written);
    afterMove();
  };
  const showTheirs = async (step: Step) => {
    const theirs = await client.fetchQuery({ ...contract(id), staleTime: 0 });
    afterMove();
    openConflict({
      refused: t('conflict.refused'),
      fields: [{ label: t('conflict.state'), mine: word(MOVES[step.move].to), theirs: word(theirs.data.state) }],
    });
  };

  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: (step: Step) => moveContract(id, step),
    onMutate: async (step) => {
      await client.cancelQueries({ queryKey });
      const known = client.getQueryData(queryKey);
      if (known) client.setQueryData(queryKey, { ...known, data: { ...known.data, state: MOVES[step.move].to } });
      return known;
    },
    onSuccess: (written, { move }) => {
      settle(written);
      const undo = undoOf(move);
      toastDone(
        t(`done.${move}`, { name: nameOf(written.data) }),
        undo && { undoLabel: tc('undo'), undo: async () => settle(await moveContract(id, { move: undo })) },
      );
    },
    onError: (error, step, known) => {
      if (known) client.setQueryData(queryKey, known);
      if (error instanceof ApiProblem && error.kind === 'contract-state') void showTheirs(step).catch(showProblem);
      else showProblem(error);
    },
  });
}
