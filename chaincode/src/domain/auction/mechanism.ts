import type { Clearing, Order, RoundRules } from './order';
import { clear } from './uniform-price';

/** A rule that turns a round's orders into a price and a fill or a reason for each. Pure, and blind to the order of arrival. */
export interface Mechanism {
    /** On the ledger with every round. A rule that changes gets a new name. */
    readonly name: string;
    clear(orders: readonly Order[], rules: RoundRules): Clearing;
}

export const UNIFORM_PRICE: Mechanism = { name: 'uniform-price/v1', clear };

const MECHANISMS: readonly Mechanism[] = [UNIFORM_PRICE];

export const mechanismNames: readonly string[] = MECHANISMS.map(({ name }) => name);

export function mechanism(name: string): Mechanism | undefined {
    return MECHANISMS.find((one) => one.name === name);
}
