import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';

afterEach(cleanup);

// jsdom has no layout: what Mantine and the virtualiser ask of it.
Object.defineProperty(window, 'matchMedia', {
  value: (query: string) => ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
  }),
});
class Observer {
  observe() {}
  unobserve() {}
  disconnect() {}
}
Element.prototype.scrollIntoView = () => undefined;
Object.defineProperty(window, 'scrollTo', { value: () => undefined });
Object.assign(window, { ResizeObserver: Observer, IntersectionObserver: Observer });
Object.defineProperty(Element.prototype, 'clientHeight', { get: () => 600 });
Object.defineProperty(Element.prototype, 'clientWidth', { get: () => 1200 });
