/** What a parameter of a trainer may be. */
export interface ParameterRange {
  readonly least: number;
  readonly most: number;
  /** The ends apart. */
  readonly open?: boolean;
  readonly whole?: boolean;
}

/** @throws RangeError naming the trainer, the parameter and its range */
export function checkParameters<Name extends string>(
  trainer: string,
  parameters: Readonly<Record<NoInfer<Name>, number>>,
  ranges: Readonly<Record<Name, ParameterRange>>,
): void {
  for (const [name, range] of Object.entries<ParameterRange>(ranges)) {
    const { least, most, open = false, whole = false } = range;
    const value = parameters[name as Name];
    const within = open ? value > least && value < most : value >= least && value <= most;
    if (within && (!whole || Number.isInteger(value))) continue;
    const kind = whole ? 'a whole number' : 'a number';
    const ends = Number.isFinite(most)
      ? `from ${least} to ${most}`
      : `${open ? 'above' : 'of at least'} ${least}`;
    throw new RangeError(`${trainer}: ${name} is ${value}; it is ${kind} ${ends}`);
  }
}
