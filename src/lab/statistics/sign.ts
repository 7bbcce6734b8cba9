/**
 * The two-sided p-value of the sign test where all of n values lie on one side: `2^(1 - n)`. It needs no spread, and is
 * below 5% from 6 values on.
 *
 * Source: Dixon & Mood 1946.
 */
export const unanimousP = (n: number): number => 2 ** (1 - n)
