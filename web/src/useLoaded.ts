import { useCallback, useEffect, useState } from 'preact/hooks';
import { type Loaded, load } from './model/load.ts';

/** The document at `path`, and a way to ask for it again. */
export function useLoaded<T>(path: string): [Loaded<T>, () => void] {
  const [state, setState] = useState<Loaded<T>>({ status: 'loading' });
  const ask = useCallback(() => {
    let current = true;
    setState({ status: 'loading' });
    void load<T>(path).then((answer) => {
      if (current) setState(answer);
    });
    return () => {
      current = false;
    };
  }, [path]);
  useEffect(ask, [ask]);
  return [state, ask];
}
