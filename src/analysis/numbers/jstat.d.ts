/** The part of jStat that is used: starting values of quantile searches. The package ships no types. */
declare module 'jstat' {
  export const jStat: {
    readonly normal: { inv(p: number, mean: number, sd: number): number };
  };
}
