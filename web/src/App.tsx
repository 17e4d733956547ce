import { Hatching } from './Hatching.tsx';
import { ListPage } from './ListPage.tsx';
import { route } from './model/route.ts';
import { ReportPage } from './ReportPage.tsx';
import { ReproductionsPage } from './ReproductionsPage.tsx';

export function App() {
  const here = route(location.pathname);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Hatching />
      <nav class="bar" aria-label="Site">
        <a class="home" href="/">
          <svg viewBox="0 0 22 16" aria-hidden="true">
            <path d="M9 0v16" class="home-line" />
            <rect x="5" y="2" width="17" height="4" rx="2" class="home-solid" />
            <rect x="1" y="10" width="14" height="4" rx="2" class="home-outline" />
          </svg>
          Screentest
        </a>
        {here.page !== 'list' && <a href="/">All experiments</a>}
        {here.page !== 'reproductions' && <a href="/reproductions">The published test reproduced</a>}
      </nav>
      <main id="main" tabIndex={-1}>
        {here.page === 'list' && <ListPage />}
        {here.page === 'report' && <ReportPage experiment={here.key} />}
        {here.page === 'reproductions' && <ReproductionsPage />}
        {here.page === 'unknown' && (
          <section class="state">
            <h1>There is no page here</h1>
            <p>
              <code>{here.path}</code> is neither the list of experiments nor a report. Reports stand at{' '}
              <code>/experiments/KEY</code>.
            </p>
            <p>
              <a href="/">All experiments</a>
            </p>
          </section>
        )}
      </main>
    </>
  );
}
