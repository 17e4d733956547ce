export type Route =
  | { readonly page: 'list' }
  | { readonly page: 'reproductions' }
  | { readonly page: 'report'; readonly key: string }
  | { readonly page: 'unknown'; readonly path: string };

export function route(pathname: string): Route {
  const path = pathname.replace(/\/+$/, '');
  if (path === '' || path === '/index.html' || path === '/experiments') return { page: 'list' };
  if (path === '/reproductions') return { page: 'reproductions' };
  const key = /^\/experiments\/([^/]+)$/.exec(path)?.[1];
  if (key === undefined) return { page: 'unknown', path: pathname };
  try {
    return { page: 'report', key: decodeURIComponent(key) };
  } catch {
    return { page: 'unknown', path: pathname };
  }
}
