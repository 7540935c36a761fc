import { common } from './common';
import { problems } from './problems';
import { shell } from './shell';
import { auth } from './auth';
import { signup } from './signup';
import { dashboard } from './dashboard';
import { profile } from './profile';
import { settings } from './settings';
import { onboarding } from './onboarding';
import { projects } from './projects';
import { homes } from './homes';
import { imports } from './imports';
import { files } from './files';
import { contacts } from './contacts';
import { contracts } from './contracts';
import { members } from './members';
import { audit } from './audit';
import { platform } from './platform';

export const en = {
  common,
  problems,
  shell,
  auth,
  signup,
  dashboard,
  profile,
  settings,
  onboarding,
  projects,
  homes,
  imports,
  files,
  contacts,
  contracts,
  members,
  audit,
  platform,
} as const;
