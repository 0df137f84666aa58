import type { Totals } from '@commonwatt/chaincode/api/records';

/** Something that everybody can check, and whether it holds. */
export interface Check {
    readonly what: string;
    readonly holds: boolean;
    /** Where it does not: what there is. */
    readonly found?: string;
}

export const check = (what: string, holds: boolean, found?: string): Check =>
    holds || found === undefined ? { what, holds } : { what, holds, found };

/** What the channel says that a day came to. */
export type Sums = NonNullable<Totals['sums']>;

export const isOpened = ({ given }: Sums): boolean => given.opening !== undefined;

type Posted = readonly { readonly account: string; readonly amountNanos: bigint }[];

export const amountOf = ({ amountNanos }: Posted[number]): bigint => amountNanos;
export const posted = (postings: Posted, name: string): bigint =>
    total(postings.filter(({ account }) => account === name).map(amountOf));
export const total = (values: readonly bigint[]): bigint => values.reduce((sum, value) => sum + value, 0n);
export const isNatural = (n: bigint): boolean => n >= 0n;
