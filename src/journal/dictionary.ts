/** A column of few different values: each of them once, and by row which one it is; no rows where it is one value for all. */
export interface Dictionary<Value> {
  readonly values: readonly Value[];
  readonly rows: readonly number[];
}

/** The column that `read` makes of the records; objects are the same value where they are the same object. */
export function dictionary<Item, Value>(
  records: readonly Item[],
  read: (record: Item) => Value,
): Dictionary<Value> {
  const values: Value[] = [];
  const rowOf = new Map<Value, number>();
  let last: Value | undefined;
  let lastRow = -1;
  const rows = records.map((record) => {
    const value = read(record);
    if (lastRow >= 0 && value === last) return lastRow;
    lastRow = rowOf.get(value) ?? values.push(value) - 1;
    rowOf.set(value, lastRow);
    last = value;
    return lastRow;
  });
  return { values, rows: values.length === 1 ? [] : rows };
}

export function valueAt<Value>({ values, rows }: Dictionary<Value>, row: number): Value {
  return values[rows.length === 0 ? 0 : rows[row]!]!;
}
