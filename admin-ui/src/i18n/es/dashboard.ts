import type { Same } from '../messages';
import type { dashboard as english } from '../en/dashboard';

export const dashboard = {
  title: 'Panel',
  all_projects: 'Todos los proyectos',
  project: 'Proyecto',
  for_sale: 'En venta',
  for_sale_of: 'de {count, plural, one {# vivienda} other {# viviendas}}',
  under_contract: 'Con contrato',
  pipeline: 'En espera y aprobados',
  approved: 'Aprobados en {month}',
  cancelled: 'Cancelados en {month}',
  last_month: '{count} en {month}',
  homes: 'Viviendas por estado',
  contracts: 'Contratos por etapa',
  worth: 'Valor',
  activity: 'Lo último que pasó',
  nothing_yet: 'Nada todavía. Los cambios aparecen aquí según se hacen.',
  whole_trail: 'Todo el registro',
  to_approve: '{count, plural, one {# contrato espera} other {# contratos esperan}} su aprobación',
  look: 'Verlos',
  no_contracts: 'Aún no hay contratos. El primero empieza en una vivienda en venta.',
  pick_home: 'Buscar una vivienda',
  empty: {
    title: 'Preparemos su primer proyecto',
    text: 'Un proyecto tiene viviendas, las viviendas tienen precio y un contrato vende una. Lleva unos diez minutos.',
    start: 'Preparar el primer proyecto',
    ask: 'Aún no hay nada. Un administrador prepara los proyectos y dice cuáles son suyos.',
  },
} as const satisfies Same<typeof english>;
