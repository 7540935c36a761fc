export const settings = {
  title: 'Settings',
  company: 'Company',
  company_text: 'How colleagues and mails call the company.',
  name: 'Name',
  defaults: 'What new projects start with',
  defaults_text: 'Each project may have its own. Existing projects do not change.',
  time_zone: 'Time zone',
  currency: 'Currency',
  locale: 'Language and region',
  locale_hint: 'For numbers, dates and mails, such as en-US.',
  read_only: 'Your role may look at the settings but not change them.',
} as const;
