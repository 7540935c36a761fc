import { act, render, screen } from '@testing-library/react';
import { Suspense } from 'react';
import { useTranslations } from 'use-intl';
import { afterEach, expect, it, vi } from 'vitest';
import { I18nProvider } from './I18nProvider';
import { chooseLanguage, chosenLanguage, messagesOf } from './language';

afterEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
});

function Rooms({ baths, feet }: { baths: number; feet: number }) {
  const t = useTranslations('homes.short');
  return <p>{`${t('baths', { count: baths })}, ${t('square_feet', { count: feet })}`}</p>;
}

// The words are loaded meanwhile.
const show = (baths: number, feet: number) =>
  act(async () => {
    render(
      <Suspense>
        <I18nProvider>
          <Rooms baths={baths} feet={feet} />
        </I18nProvider>
      </Suspense>,
    );
    await messagesOf(chosenLanguage());
  });

it.each([
  ['es-MX', 2.5, 1688, '2.5 baños, 1,688 ft²'],
  ['es-MX', 1, 742, '1 baño, 742 ft²'],
  ['es-ES', 2.5, 16880, '2,5 baños, 16.880 ft²'],
  ['en-US', 2.5, 1688, '2.5 ba, 1,688 sq ft'],
])('in %s numbers in sentences are written as its region does', async (tag, baths, feet, text) => {
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue([tag]);
  chooseLanguage(tag.startsWith('es') ? 'es' : 'en');
  await show(baths, feet);
  expect(await screen.findByText(text)).toBeInTheDocument();
});
