import type { Same } from '../messages';
import type { problems as english } from '../en/problems';

export const problems = {
  request_id: 'Solicitud',
  offline: { title: 'Sin conexión', advice: 'Revise la red. Lo que ve se queda; inténtelo cuando vuelva la conexión.' },
  session: { title: 'Su sesión terminó', advice: 'Inicie sesión de nuevo; volverá a donde estaba.' },
  forbidden: { title: 'Su rol no puede hacer esto', advice: 'Pídalo a un administrador si lo necesita.' },
  missing: { title: 'Aquí no hay nada', advice: 'No existe, o usted no trabaja en su proyecto.' },
  changed: { title: 'Alguien lo cambió antes', advice: 'Mire la nueva versión y cámbiela de nuevo.' },
  too_many: { title: 'Demasiadas solicitudes', advice: 'Espere un momento; sigue sola.' },
  away: { title: 'Una parte de la plataforma no responde', advice: 'No se perdió nada. Inténtelo en unos segundos.' },
  fault: { title: 'Algo falló de nuestro lado', advice: 'Inténtelo de nuevo. Si sigue, dé a soporte la solicitud.' },
  under_contract: { title: 'La vivienda se acaba de vender', advice: 'Otro contrato la tiene. Elija otra vivienda.' },
  unexpected: { title: 'Ocurrió algo inesperado', advice: 'Recargue la página. Si sigue, avise a soporte.' },
} as const satisfies Same<typeof english>;
