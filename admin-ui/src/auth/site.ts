/** Which of the three the host is: the public pages, a builder's workspace, or the operators' console. */
export type Site = 'public' | 'workspace' | 'console';

export interface Place {
  site: Site;
  /** The domain below which workspaces live, such as `localhost`. */
  base: string;
  /** The workspace's slug; null elsewhere and on custom domains. */
  slug: string | null;
}

/** Reads the host; what is not below the base is a workspace's own domain. */
export function placeOf(hostname: string, base: string): Place {
  const host = hostname.toLowerCase();
  if (host === base || host === `www.${base}`) return { site: 'public', base, slug: null };
  if (host === `console.${base}`) return { site: 'console', base, slug: null };
  const slug = host.endsWith(`.${base}`) ? host.slice(0, -base.length - 1) : null;
  return { site: 'workspace', base, slug };
}

function baseOf(page: Document): string {
  return page.querySelector<HTMLMetaElement>('meta[name="keystead-base"]')?.content || 'localhost';
}

export const place: Place = placeOf(window.location.hostname, baseOf(document));

/** The address of a workspace's page, on its own host. */
export function workspaceUrl(slug: string, path = '/'): string {
  const { protocol, port } = window.location;
  return `${protocol}//${slug}.${place.base}${port ? `:${port}` : ''}${path}`;
}

/** The address of a page on the public host. */
export function publicUrl(path = '/'): string {
  const { protocol, port } = window.location;
  return `${protocol}//${place.base}${port ? `:${port}` : ''}${path}`;
}
