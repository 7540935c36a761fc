import type { onboarding as english } from '../en/onboarding';
import type { Same } from '../messages';

export const onboarding = {
  title: 'Primeros pasos',
  count: '{done, number} de {all, number}',
  progress: 'Progreso',
  next: 'Continuar',
  skip: 'Omitir por ahora',
  go_on: 'Seguir con los primeros pasos',
  project_first: 'Cree primero un proyecto',
  state: { done: 'Hecho', skipped: 'Omitido' },
  company: {
    title: 'Su empresa',
    text: 'Cómo la llaman los colegas y los correos, y con qué empiezan los proyectos nuevos. Todo se puede cambiar después.',
  },
  project: {
    title: 'Primer proyecto',
    text: 'Una comunidad o una torre que usted vende. Viviendas, modelos y contratos pertenecen a un proyecto.',
    done: '{name} ya está.',
  },
  homes: {
    title: 'Viviendas',
    text: 'Traiga su lista de precios: sirve cualquier archivo CSV o Excel. Las fases, edificios y modelos que nombre se crean con las viviendas.',
    from_file: 'De una hoja de cálculo',
    by_hand: 'A mano',
    done: '{count, plural, one {# vivienda} other {# viviendas}} en {project}.',
    done_many: 'Más de {count, plural, one {# vivienda} other {# viviendas}} en {project}.',
    phase_first: 'Las viviendas salen a la venta por fases. Para empezar basta una.',
    added: 'La vivienda {number} está añadida. Añada la siguiente o continúe.',
  },
  plans: {
    title: 'Modelos y planos',
    text: 'Suelte los planos de cada modelo. Los agentes los ven en cada vivienda de ese modelo.',
    new: 'Nuevo modelo',
  },
  people: {
    title: 'Su equipo',
    text: 'Invite a agentes, coordinadores y responsables, cada uno con un rol y sus proyectos. Reciben un enlace por correo.',
    invite: 'Invitar a personas',
  },
  contract: {
    title: 'Primer contrato',
    text: 'Elija una vivienda, nombre a los compradores, acuerde el precio. Es un borrador hasta que lo envíe a aprobación.',
    draft: 'Redactar el primer contrato',
    open: 'Abrir el contrato',
    done: 'El primer contrato está redactado.',
    no_home: 'Todavía no hay viviendas disponibles: añada viviendas o lance su fase.',
    release: 'Lanzar una fase',
    not_you:
      'Los administradores preparan; agentes y responsables de ventas redactan contratos. Si usted también vende, permítaselo a los administradores: es un clic.',
    invite_agent: 'Invitar a un agente',
    allow: 'Permitir que los administradores también redacten',
    allow_text:
      'Añade «redactar contratos» y «gestionar contactos» al rol Administrador. Queda en la auditoría y se puede retirar en Miembros.',
  },
  finished: {
    title: 'Todo listo',
    text: 'Lo que omitió se puede retomar desde la lista de la izquierda o desde el menú.',
    go: 'Ir al panel',
  },
} as const satisfies Same<typeof english>;
