import { use, type ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { localeOf, messagesOf, useLanguage } from './language';

/** Gives the words of the chosen language, with numbers as its region writes them; suspends until they are loaded. */
export function I18nProvider({ children }: { children: ReactNode }) {
  const language = useLanguage();
  const messages = use(messagesOf(language));
  return (
    <IntlProvider
      locale={localeOf(language)}
      messages={messages}
      timeZone={Intl.DateTimeFormat().resolvedOptions().timeZone}
    >
      {children}
    </IntlProvider>
  );
}
