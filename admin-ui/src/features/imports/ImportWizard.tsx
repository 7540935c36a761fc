import { Stepper } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { ProjectOut } from '@/api/schema';
import { CheckStep } from './CheckStep';
import { ColumnsStep } from './ColumnsStep';
import { DoneStep } from './DoneStep';
import { FileStep } from './FileStep';
import classes from './imports.module.css';
import type { Sheet } from './sheet';
import { useImport, type Outcome } from './useImport';

interface Props {
  project: ProjectOut;
  /** New phases are released unless this is taken back. */
  releaseFirst?: boolean;
  /** Instead of the links to the homes, at the end. */
  onDone?: (imported: number) => void;
  /** Below the choice of a file, and again at the end. */
  past?: ReactNode;
}

/** From a file to homes: choose it, say what its columns mean, check, import. */
export function ImportWizard({ project, releaseFirst = false, onDone, past }: Props) {
  const t = useTranslations('imports');
  const [step, setStep] = useState(0);
  const [sheet, setSheet] = useState<Sheet>();
  const [mappingId, setMappingId] = useState<string>();
  const [checked, setChecked] = useState<Outcome>();
  const [done, setDone] = useState<Outcome>();
  const [release, setRelease] = useState(releaseFirst);
  const sending = useImport(project.id);

  const restart = () => {
    setStep(0);
    setSheet(undefined);
    setChecked(undefined);
    setDone(undefined);
  };
  const check = async (of: Sheet, mapping: string | undefined) => {
    setStep(2);
    setChecked(
      (await sending.send({ sheet: of, mappingId: mapping, releasePhases: release, dryRun: true })) ?? undefined,
    );
  };
  const commit = async () => {
    if (!sheet) return;
    setStep(3);
    setDone((await sending.send({ sheet, mappingId, releasePhases: release, dryRun: false })) ?? undefined);
  };
  return (
    <div className={classes.wizard}>
      <Stepper
        active={done ? 4 : step}
        size="xs"
        iconSize={24}
        onStepClick={(to) => to < step && !done && !sending.busy && setStep(to)}
        wrap={false}
        classNames={{ root: classes.stepper ?? '', step: classes.step ?? '', stepBody: classes.stepBody ?? '' }}
      >
        {(['file', 'columns', 'check', 'import'] as const).map((name) => (
          <Stepper.Step key={name} label={t(`step.${name}`)} />
        ))}
      </Stepper>
      {step === 0 && (
        <FileStep
          onSheet={(read) => {
            setSheet(read);
            setStep(1);
          }}
        />
      )}
      {step === 1 && sheet && (
        <ColumnsStep
          sheet={sheet}
          onBack={restart}
          onMapped={(id) => {
            setMappingId(id);
            void check(sheet, id);
          }}
        />
      )}
      {step === 2 && sheet && (
        <CheckStep
          sheet={sheet}
          onSheet={setSheet}
          outcome={checked}
          problem={sending.problem}
          busy={sending.busy !== null}
          release={release}
          onRelease={setRelease}
          onBack={() => setStep(1)}
          onCheck={() => void check(sheet, mappingId)}
          onImport={() => void commit()}
        />
      )}
      {step === 3 && sheet && (
        <DoneStep
          project={project}
          sheet={sheet}
          outcome={done}
          sending={sending}
          onResumed={setDone}
          onAgain={restart}
          onRetry={() => void commit()}
          {...(onDone ? { onDone } : {})}
        />
      )}
      {(step === 0 || done) && past}
    </div>
  );
}
