import type { CSSProperties, KeyboardEvent } from 'react';
import { useTranslations } from 'use-intl';
import type { CellOut, Status } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';
import { useFormat } from '@/format/useFormat';
import { toneOf, useStatusWord } from '@/ui/StatusBadge';
import classes from './board.module.css';
import { stacks, type Stack } from './tally';
import { towards } from './towards';

interface Props {
  homes: CellOut[];
  layout: Layout;
  /** Others are dimmed. */
  only?: Status | undefined;
  /** The home that is shown elsewhere on the screen. */
  current?: string | undefined;
  onPick: (home: CellOut) => void;
}

/** Stacks of floors, one per building, each home a tile in the colour of its status. */
export function Board(props: Props) {
  const all = stacks(props.homes, props.layout.buildings.keys());
  return (
    <div className={classes.board} onKeyDown={moveByArrows}>
      {all.map((stack, index) => (
        <BuildingStack key={stack.buildingId ?? ''} stack={stack} first={index === 0} {...props} />
      ))}
    </div>
  );
}

function BuildingStack({ stack, first, layout, only, current, onPick }: Props & { stack: Stack; first: boolean }) {
  const t = useTranslations('homes');
  const word = useStatusWord();
  const format = useFormat();
  const building = stack.buildingId === null ? null : layout.buildings.get(stack.buildingId);
  const name = building?.name ?? t('short.no_building');
  const free = stack.homes.filter(({ status }) => status === 'available').length;
  const isSite = stack.floors.length === 1 && stack.floors[0]?.floor === null;
  return (
    <section className={classes.stack} aria-label={t('board.label', { building: name })}>
      <h2 className={classes.building}>
        {name}
        <span>{t('board.free', { free, all: stack.homes.length })}</span>
      </h2>
      <div className={classes.floors} style={across(stack)}>
        {stack.floors.map(({ floor, homes }, row) => (
          <div key={floor ?? 'none'} className={classes.floor}>
            {!isSite && <span className={classes.level}>{floor === null ? '–' : floor}</span>}
            <div className={classes.tiles}>
              {homes.map((home, place) => (
                <button
                  key={home.id}
                  type="button"
                  className={classes.tile}
                  data-tone={toneOf(home.status)}
                  data-dim={(only !== undefined && only !== home.status) || undefined}
                  data-current={home.id === current || undefined}
                  tabIndex={first && row === 0 && place === 0 ? 0 : -1}
                  aria-label={t('board.tile', {
                    number: home.number,
                    status: word(home.status),
                    price: format.money(home.price),
                  })}
                  onClick={() => onPick(home)}
                >
                  {home.number}
                </button>
              ))}
            </div>
          </div>
        ))}
      </div>
    </section>
  );
}

/** Beyond this, the homes of a floor are on several lines. */
const MOST_ACROSS = 7;

/** As many columns as the longest floor has homes, so that floors stand above each other. */
function across({ floors }: Stack): CSSProperties {
  const most = Math.max(...floors.map(({ homes }) => homes.length));
  return most <= MOST_ACROSS ? ({ '--across': Math.max(most, LEAST_ACROSS) } as CSSProperties) : {};
}

/** A floor of one home is no bar. */
const LEAST_ACROSS = 3;

/** The arrows go to the nearest tile in their direction; one tile is in the tab order. */
export function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  if (!event.key.startsWith('Arrow') || !(event.target instanceof HTMLButtonElement)) return;
  const tiles = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button[data-tone]')];
  const next = towards(event.key, event.target, tiles);
  event.preventDefault();
  event.stopPropagation();
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
