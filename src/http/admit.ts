import type { onRequestHookHandler } from 'fastify';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Admission, type AdmissionOptions, createAdmission } from './admission.ts';

/** Seconds after which to try again: not the same for all, or all come back together. */
const RETRY_AFTER = ['1', '2', '3'];
const REFUSAL = JSON.stringify({
  error: {
    code: 'overloaded',
    message: 'more slates are asked for than this process can make',
    mend: 'send the same request again, here after Retry-After or to another server at once',
  },
});

/** Lets requests in before anything of them is read but their path; those that find no place in time are answered with 503. */
export function admissionHook(
  registry: Registry,
  options: Omit<AdmissionOptions, 'now' | 'onWait'>,
): onRequestHookHandler {
  const waits = new Histogram({
    name: 'screentest_admission_wait_seconds',
    help: 'Wait for a place of requests that did not find one at once',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4],
    registers: [registry],
  });
  const admission = createAdmission({
    ...options,
    now: () => performance.now(),
    onWait: (ms) => waits.observe(ms / 1000),
  });
  registerStats(registry, admission);
  let refusals = 0;
  return (_request, reply, done) => {
    const { raw } = reply;
    admission.enter({
      go() {
        raw.once('close', admission.leave);
        done();
      },
      refuse() {
        const retryAfter = RETRY_AFTER[refusals++ % RETRY_AFTER.length]!;
        reply.code(503).header('retry-after', retryAfter);
        reply.header('content-type', 'application/json; charset=utf-8').send(REFUSAL);
      },
      gone: () => raw.destroyed,
    });
  };
}

function registerStats(registry: Registry, { stats }: Admission): void {
  const registers = [registry];
  new Counter({
    name: 'screentest_requests_refused_total',
    help: 'Recommendation requests answered with 503 because too many were under way',
    registers,
    collect() {
      this.reset();
      this.inc(stats().refused);
    },
  });
  new Gauge({
    name: 'screentest_requests_under_way',
    help: 'Recommendation requests let in and not yet answered',
    registers,
    collect() {
      this.set(stats().underWay);
    },
  });
  new Gauge({
    name: 'screentest_requests_places',
    help: 'Recommendation requests that may be under way: what is done in 100 ms, as it went in the last seconds',
    registers,
    collect() {
      this.set(stats().places);
    },
  });
  new Gauge({
    name: 'screentest_requests_waiting',
    help: 'Recommendation requests that wait for a place',
    registers,
    collect() {
      this.set(stats().waiting);
    },
  });
}
