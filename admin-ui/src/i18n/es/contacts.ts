import type { contacts as english } from '../en/contacts';
import type { Same } from '../messages';

export const contacts = {
  title: 'Contactos',
  title_one: 'Contacto',
  new: 'Nuevo contacto',
  create: 'Añadir contacto',
  edit: 'Editar contacto',
  edit_text: 'Rellene lo que cambia. Lo que deje vacío queda como está, y nadie necesita verlo para eso.',
  clear: 'Quitar',
  search: 'Buscar contactos',
  search_hint: 'Nombre, correo completo o teléfono completo',
  search_clear: 'Borrar la búsqueda',
  all_projects: 'Todos los proyectos',
  reveal_all: 'Revelar todo',
  damaged:
    'Los datos guardados de esta persona ya no se abren. Introdúzcalos de nuevo con «Editar contacto» y avise a soporte.',
  trail: 'Quién hizo qué',
  trail_text: 'Cambios de los datos de esta persona. También consta quién los vio.',
  disclosures: 'Quién vio los datos de quién, y por qué',
  empty: {
    title: 'Todavía no hay contactos',
    text: 'Los contactos son personas interesadas en una vivienda. Los compradores de un contrato pasan a serlo por sí solos.',
    none: 'No se ha encontrado a nadie',
    none_text: 'Los nombres se buscan por el principio de las palabras. Correos y teléfonos deben estar completos.',
  },
  field: {
    name: 'Nombre',
    email: 'Correo',
    phone: 'Teléfono',
    address: 'Dirección',
    date_of_birth: 'Fecha de nacimiento',
    project: 'Proyecto',
    interested_in: 'Interesado en',
    created: 'Añadido',
    line1: 'Calle y número',
    line2: 'Piso, a la atención de',
    city: 'Ciudad',
    region: 'Estado o región',
    postal_code: 'Código postal',
    country: 'País, dos letras',
  },
} as const satisfies Same<typeof english>;
