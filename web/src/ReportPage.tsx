import { useEffect } from 'preact/hooks';
import type { Report } from '../../src/analysis/report/report.ts';
import { LoadState } from './LoadState.tsx';
import { ReportView } from './ReportView.tsx';
import { useLoaded } from './useLoaded.ts';

export function ReportPage({ experiment }: { readonly experiment: string }) {
  const path = `/v1/experiments/${encodeURIComponent(experiment)}/report`;
  const [state, retry] = useLoaded<Report>(path);
  const loaded = state.status === 'loaded';

  useEffect(() => {
    document.title = `${experiment} · Screentest`;
  }, [experiment]);

  useEffect(() => {
    // The target of a link into the page exists only now.
    if (loaded && location.hash.length > 1) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [loaded]);

  useEffect(() => {
    const openAll = () => {
      for (const details of document.querySelectorAll('details')) details.open = true;
    };
    addEventListener('beforeprint', openAll);
    return () => removeEventListener('beforeprint', openAll);
  }, []);

  if (loaded) return <ReportView report={state.value} path={path} />;
  return <LoadState state={state} what={`report of ${experiment}`} retry={retry} />;
}
