import type { PipelineTools } from './variants/stage.ts';

/** What pipelines need of this process: timers, and a place to say what was skipped. */
export function pipelineTools(note: (text: string) => void): Omit<PipelineTools, 'micros'> {
  return {
    timer(ms, call) {
      const waiting = setTimeout(call, ms);
      return () => clearTimeout(waiting);
    },
    onSkip({ stage, reason, cause, requests }) {
      const why = cause instanceof Error ? cause.message : String(cause);
      note(`stage ${stage} skipped for ${requests} requests (${reason}): ${why}`);
    },
  };
}
