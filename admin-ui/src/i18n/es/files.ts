import type { files as english } from '../en/files';
import type { Same } from '../messages';

export const files = {
  drop: 'Suelte los planos aquí o haga clic para elegirlos',
  formats: 'PDF, PNG o JPEG, hasta {size} cada uno',
  none: 'Todavía no hay archivos.',
  none_of_plan: 'Todavía no hay planos.',
  for_plan: 'Los archivos nuevos son de',
  whole_project: 'Todo el proyecto',
  too_large: '{name} es demasiado grande.',
  wrong_format: '{name} no es PDF, PNG ni JPEG.',
  stage: { reading: 'Leyendo', sending: 'Enviando', checking: 'En comprobación' },
  progress: 'Subida de {name}',
  repeat: 'Reintentar',
  forget: 'Olvidarlo',
  check: 'Comprobar de nuevo',
  download: 'Descargar {name}',
  remove: 'Quitar {name}',
  remove_text: 'Su contenido se borra y no se puede recuperar. En la auditoría queda constancia de que existió.',
  removed: 'Se ha quitado {name}',
} as const satisfies Same<typeof english>;
