import type { Same } from '../messages';
import type { auth as english } from '../en/auth';

export const auth = {
  sign_in: 'Iniciar sesión',
  to_workspace: 'Iniciar sesión en {name}',
  to_console: 'Iniciar sesión en la consola de operadores',
  email: 'Correo electrónico',
  password: 'Contraseña',
  failed: 'La dirección o la contraseña no valen para este espacio.',
  wait: 'Demasiados intentos fallidos. Inténtelo en {seconds, number} s.',
  signed_out: 'Su sesión está cerrada.',
  no_account: '¿Aún sin espacio?',
  sign_up: 'Cree uno',
  find: {
    title: 'Encuentre su espacio',
    slug: 'Dirección del espacio',
    go: 'Seguir',
    hint: 'Está en la invitación y en cada enlace que comparten sus colegas.',
  },
} as const satisfies Same<typeof english>;
