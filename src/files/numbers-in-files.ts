import { FileSetError } from './file-set.ts';

/** @throws FileSetError that names the file and the first value which is not a finite number */
export function finite<Column extends Float32Array | Float64Array>(
  path: string,
  values: Column,
  mend: string,
): Column {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]))
      throw new FileSetError(`${path}: value ${i + 1} of ${values.length} is ${values[i]}; ${mend}`);
  }
  return values;
}

/** @throws FileSetError that names the file and the first value which is no row of a table of `rows` */
export function rowsOf(path: string, values: Int32Array, rows: number, mend: string): Int32Array {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i]! >= 0 && values[i]! < rows))
      throw new FileSetError(
        `${path}: value ${i + 1} is ${values[i]}; rows are 0 up to ${rows - 1}; ${mend}`,
      );
  }
  return values;
}
