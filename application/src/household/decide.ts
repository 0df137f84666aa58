/** What a home states once: the worst prices at which its agent trades, in micros per kWh. */
export interface Preferences {
    readonly buyLimit: bigint;
    readonly sellLimit: bigint;
}

export interface Decision {
    readonly side: 'buy' | 'sell';
    readonly energyWh: bigint;
    readonly limit: bigint;
}

/**
 * Sells the surplus that is expected and buys the need; nothing where neither is. A home never has both in one slot, so that it
 * cannot trade with itself. Batteries stay idle.
 */
export function decide(expectedNetWh: bigint, { buyLimit, sellLimit }: Preferences): Decision | undefined {
    if (expectedNetWh === 0n) {
        return undefined;
    }
    return expectedNetWh > 0n
        ? { side: 'sell', energyWh: expectedNetWh, limit: sellLimit }
        : { side: 'buy', energyWh: -expectedNetWh, limit: buyLimit };
}
