import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { queryClient } from './api/queryClient';
import { I18nProvider } from './i18n/I18nProvider';
import { router } from './router';
import { theme } from './theme/theme';

const Toasts = lazy(() => import('./ui/ToastRegion'));

export function App() {
  return (
    // The theme's variables are in a file (vite-theme.ts): the policy refuses a <style>.
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <QueryClientProvider client={queryClient}>
        <Suspense>
          <I18nProvider>
            <RouterProvider router={router} />
            <Suspense>
              <Toasts />
            </Suspense>
          </I18nProvider>
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  );
}
