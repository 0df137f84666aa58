import type { Registers } from './registers';

/** What a household's meter showed at one end of a period. */
export interface ShownRegister {
    readonly at: 'begin' | 'end';
    readonly slot: number;
    readonly meterId: string;
    readonly consumptionWh: bigint;
    readonly generationWh: bigint;
}

/**
 * What meters showed when a slot began or ended: of a gap only at its ends, because in between nobody has read them. A slot in which a meter was
 * replaced shows both, the old one's last total and the new one's first with their own names.
 */
export function shownRegisters(at: ShownRegister['at'], slot: number, spans: readonly Registers[]): ShownRegister[] {
    const edge = at === 'begin' ? 'startWh' : 'endWh';
    return spans
        .filter(({ fromSlot, slots }) => (at === 'begin' ? fromSlot : fromSlot + slots - 1) === slot)
        .map(({ meterId, consumption, generation }) => ({
            at,
            slot,
            meterId,
            consumptionWh: consumption[edge],
            generationWh: generation[edge],
        }));
}
