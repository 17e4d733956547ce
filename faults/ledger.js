import { createHash } from 'node:crypto';

export const digest = (titles) => createHash('sha1').update(titles.join(' ')).digest('base64');

/** What was sent, and what was acknowledged of it: an acknowledgement is an obligation. */
export function createLedger() {
  /** By id; `answer` once the slate was acknowledged. */
  const requests = new Map();
  /** By id; `status` once the event was acknowledged. */
  const events = new Map();
  /** `experiment user` of those who were ever forced into an arm of it. */
  const forced = new Set();
  let fault = '';
  let logFails = false;
  const seen = new Map();
  const count = (what) => seen.set(what, (seen.get(what) ?? 0) + 1);

  return {
    requests,
    events,
    forced,
    /** From now on what is sent belongs to this fault. */
    begin(name) {
      fault = name;
      logFails = false;
      seen.clear();
    },
    /** Answers since then: by status, and `cut` where there was none. */
    seen: (what) => seen.get(what) ?? 0,
    count,
    sentRequest(id, user) {
      requests.set(id, { user, fault });
    },
    /** While the log cannot take slates: those of users in no experiment look as ever, and promise nothing. */
    logFails(fails) {
      logFails = fails;
    },
    answeredRequest(id, slate) {
      const { experiments, pipeline, models, user_id: user } = slate;
      const exposed = experiments.filter(({ variant }) => variant !== null);
      // Served outside its experiments because nothing could be made durable: the answer says so and promises nothing.
      const outside = experiments.some(({ reason }) => reason === 'exposure-unavailable');
      if (outside) return count('outside');
      if (logFails && exposed.length === 0) return count('in no experiment');
      count('slates');
      for (const { experiment, reason } of exposed)
        if (reason === 'forced') forced.add(`${experiment} ${user}`);
      requests.get(id).answer = {
        user,
        pipeline,
        models,
        titles: digest(slate.slate.map(({ title }) => title)),
        exposed,
      };
    },
    sentEvent(event) {
      events.set(event.id, { event, fault });
    },
    answeredEvent({ id, status, reason }) {
      count(status);
      const entry = events.get(id);
      if (status === 'stored' || status === 'accepted' || status === 'duplicate') entry.status ??= status;
      else entry.refused = `${status}: ${reason}`;
    },
    acknowledged(name) {
      const of = (entries, acknowledged) =>
        [...entries.values()].filter((entry) => entry.fault === name && acknowledged(entry)).length;
      return of(requests, ({ answer }) => answer) + of(events, ({ status }) => status);
    },
  };
}
