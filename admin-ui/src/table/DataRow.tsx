import { Checkbox } from '@mantine/core';
import type { CSSProperties, MouseEvent, ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { Bar, widthFor } from '@/ui/Skeletons';
import classes from './table.module.css';
import type { Column } from './types';

interface RowProps<Row> {
  row: Row;
  index: number;
  columns: Column<Row>[];
  template: string;
  phone: boolean;
  place: CSSProperties;
  label: string;
  active: boolean;
  selected: boolean;
  /** Rows of the table can be selected; this one too, when it has `onToggle`. */
  selectable: boolean;
  /** A phone's cards are being selected, not opened. */
  choosing: boolean;
  onToggle: (() => void) | undefined;
  onOpen: (() => void) | undefined;
  onHover: (() => void) | undefined;
}

export function DataRow<Row>(props: RowProps<Row>) {
  const { row, columns, template, phone, onToggle, onOpen } = props;
  const choosing = phone && props.choosing;
  const act = choosing ? onToggle : onOpen;
  const t = useTranslations('common.table');
  const click = (event: MouseEvent<HTMLElement>) => {
    // A link or a button in the row does its own thing.
    if ((event.target as HTMLElement).closest('a, button, input, label')) return;
    act?.();
  };
  return (
    <div
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={onToggle ? props.selected : undefined}
      className={phone ? classes.card : classes.row}
      style={{ ...props.place, ...(phone ? {} : { gridTemplateColumns: template }) }}
      data-active={props.active || undefined}
      data-selected={props.selected || undefined}
      data-openable={act ? true : undefined}
      data-choosing={choosing || undefined}
      onClick={click}
      onPointerEnter={props.onHover}
    >
      {props.selectable && (choosing || !phone) && (
        <div role="gridcell" className={classes.check}>
          {onToggle && (
            <Checkbox
              size={phone ? 'sm' : 'xs'}
              aria-label={`${t('select_row')} ${props.label}`}
              checked={props.selected}
              onChange={onToggle}
            />
          )}
        </div>
      )}
      {phone ? (
        <PhoneCells row={row} columns={columns} />
      ) : (
        columns.map((column) => (
          <div key={column.id} role="gridcell" className={classes.cell} data-align={column.align}>
            {column.render(row)}
          </div>
        ))
      )}
    </div>
  );
}

/** Two lines: title and badge, then what else fits. */
function PhoneCells<Row>({ row, columns }: { row: Row; columns: Column<Row>[] }) {
  const at = (place: Column<Row>['phone']) => columns.filter((column) => column.phone === place);
  const cells = (place: Column<Row>['phone'], name: string | undefined): ReactNode => (
    <div role="gridcell" className={name}>
      {at(place).map((column) => (
        <span key={column.id}>{column.render(row)}</span>
      ))}
    </div>
  );
  return (
    <>
      {cells('title', classes.cardTitle)}
      {cells('badge', classes.cardBadge)}
      {cells('meta', classes.cardMeta)}
      {cells('end', classes.cardEnd)}
    </>
  );
}

interface SkeletonProps<Row> {
  index: number;
  columns: Column<Row>[];
  template: string;
  phone: boolean;
  selectable: boolean;
  place?: CSSProperties;
}

export function SkeletonRow<Row>({ index, columns, template, phone, selectable, place }: SkeletonProps<Row>) {
  const fixed = place ? '' : ` ${classes.still}`;
  return (
    <div
      role="row"
      aria-hidden
      className={(phone ? classes.card : classes.row) + fixed}
      style={{ ...place, ...(phone ? {} : { gridTemplateColumns: template }) }}
    >
      {selectable && !phone && <div role="gridcell" />}
      {(phone ? columns.slice(0, 2) : columns).map((column, place) => (
        <div key={column.id} role="gridcell" className={classes.cell}>
          <Bar width={widthFor(index * 3 + place)} />
        </div>
      ))}
    </div>
  );
}
