import { useTranslations } from 'use-intl';
import type { Status, UnitOut } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';
import { useFormat } from '@/format/useFormat';
import { toneOf, useStatusWord } from '@/ui/StatusBadge';
import { moveByArrows } from './Board';
import classes from './board.module.css';
import { stacks } from './tally';
import { roomsOf, useFacts } from './useFacts';

interface Props {
  homes: UnitOut[];
  layout: Layout;
  only?: Status | undefined;
  onPick: (home: UnitOut) => void;
}

/** Building by building and floor by floor, each home a card with what a buyer asks first. */
export function GridView({ homes, layout, only, onPick }: Props) {
  const t = useTranslations('homes');
  return (
    <div className={classes.grid} onKeyDown={moveByArrows}>
      {stacks(homes, layout.buildings.keys()).map(({ buildingId, floors, homes: inside }, index) => {
        const name = (buildingId && layout.buildings.get(buildingId)?.name) || t('short.no_building');
        const free = inside.filter(({ status }) => status === 'available').length;
        return (
          <section key={buildingId ?? ''} aria-label={t('board.label', { building: name })}>
            <h2 className={classes.building}>
              {name}
              <span>{t('board.free', { free, all: inside.length })}</span>
            </h2>
            {floors.map(({ floor, homes: level }, row) => (
              <div key={floor ?? 'none'} className={classes.gridFloor}>
                <div className={classes.gridLevel}>
                  {floor === null ? t('short.no_floor') : t('short.floor', { floor })}
                </div>
                <div className={classes.cards}>
                  {level.map((home, place) => (
                    <Card
                      key={home.id}
                      home={home}
                      layout={layout}
                      dim={only !== undefined && only !== home.status}
                      inTabOrder={index === 0 && row === 0 && place === 0}
                      onPick={onPick}
                    />
                  ))}
                </div>
              </div>
            ))}
          </section>
        );
      })}
    </div>
  );
}

interface CardProps {
  home: UnitOut;
  layout: Layout;
  dim: boolean;
  inTabOrder: boolean;
  onPick: (home: UnitOut) => void;
}

function Card({ home, layout, dim, inTabOrder, onPick }: CardProps) {
  const word = useStatusWord();
  const format = useFormat();
  const facts = useFacts(layout);
  const t = useTranslations('homes.short');
  const { area } = roomsOf(home, layout);
  return (
    <button
      type="button"
      className={classes.card}
      data-tone={toneOf(home.status)}
      data-dim={dim || undefined}
      tabIndex={inTabOrder ? 0 : -1}
      onClick={() => onPick(home)}
    >
      <strong>{home.number}</strong>
      <span className={classes.cardStatus}>{word(home.status)}</span>
      <span className={classes.cardFacts}>{facts(home, false)}</span>
      <span className={classes.cardPrice}>{format.money(home.price)}</span>
      {area !== null && <span className={classes.cardArea}>{t('square_feet', { count: area })}</span>}
    </button>
  );
}
