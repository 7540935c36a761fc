import type { Same } from '../messages';
import type { settings as english } from '../en/settings';

export const settings = {
  title: 'Ajustes',
  company: 'Empresa',
  company_text: 'Cómo llaman a la empresa los colegas y los correos.',
  name: 'Nombre',
  defaults: 'Con qué empiezan los proyectos nuevos',
  defaults_text: 'Cada proyecto puede tener lo suyo. Los existentes no cambian.',
  time_zone: 'Zona horaria',
  currency: 'Moneda',
  locale: 'Idioma y región',
  locale_hint: 'Para números, fechas y correos, como es-US.',
  read_only: 'Su rol puede ver los ajustes, pero no cambiarlos.',
} as const satisfies Same<typeof english>;
