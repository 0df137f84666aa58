/**
 * Whose turn it is to produce a block, worked out a second time and without the ordering service's code. CometBFT calls it
 * proposer priority: in every turn each seat's priority grows by its power, the highest produces and pays the sum of all powers;
 * ties go to the lower identifier.
 */
export interface PlainSeat {
    /** Ties are broken by it. */
    readonly id: string;
    readonly power: bigint;
}

/** The producers of the first `turns` turns under unchanged powers. */
export function plainRotation(seats: readonly PlainSeat[], turns: number): string[] {
    const total = seats.reduce((sum, { power }) => sum + power, 0n);
    const inOrder = seats.toSorted((one, other) => (one.id < other.id ? -1 : 1));
    const priorities = inOrder.map(() => 0n);
    return Array.from({ length: turns }, () => {
        inOrder.forEach(({ power }, at) => {
            priorities[at] = (priorities[at] ?? 0n) + power;
        });
        const highest = priorities.reduce((most, each) => (each > most ? each : most));
        const chosen = priorities.indexOf(highest);
        priorities[chosen] = highest - total;
        return inOrder[chosen]?.id ?? '';
    });
}
