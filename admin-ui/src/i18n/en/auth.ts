export const auth = {
  sign_in: 'Sign in',
  to_workspace: 'Sign in to {name}',
  to_console: 'Sign in to the operator console',
  email: 'E-mail',
  password: 'Password',
  failed: 'Address or password is wrong for this workspace.',
  wait: 'Too many failed attempts. Try again in {seconds, number} s.',
  signed_out: 'You are signed out.',
  no_account: 'No workspace yet?',
  sign_up: 'Create one',
  find: {
    title: 'Find your workspace',
    slug: 'Workspace address',
    go: 'Go on',
    hint: 'It is in the invitation and in every link your colleagues share.',
  },
} as const;
