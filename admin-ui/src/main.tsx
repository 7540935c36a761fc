import './theme/styles';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { place } from './auth/site';
import { session } from './auth/session';

// Before anything else: what the first screen waits for. Public pages have no session to find.
const isPublic =
  place.site === 'public' || /^\/(sign-in|sign-up|invitation|verify-email|welcome)\b/.test(location.pathname);
if (!isPublic) void session.renew().catch(() => undefined);
for (const event of ['pointerdown', 'keydown'] as const)
  window.addEventListener(event, session.used, { passive: true });

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
