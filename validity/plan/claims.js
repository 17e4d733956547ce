/** A change to be found, +10 %. */
export const LIFT = 0.1;

/** What is said of a key of a study's tally, and in which section of the document. */
export const claim = (section, method, key, kind, expected, quantity = 'rejects') => ({
  ...{ section, method, key, kind, expected, quantity },
});

export const sizes = ([t, c]) => `${t.toLocaleString('en')} + ${c.toLocaleString('en')}`;
export const about = (population, units) => `${population.name}; ${sizes(units)} units`;

/** A list of scenarios and the function that adds to it. `short`: tests in the short run of the test suite. */
export function collect() {
  const scenarios = [];
  const scenario = (id, data, study, settings, claims, short = 0) => {
    scenarios.push({ id, data, study, settings, claims, short });
  };
  return { scenarios, scenario };
}
