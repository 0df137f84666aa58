import { refuse } from '../refusals';
import type { Reading } from './reading';

/** A meter on file and the slots in which it counts, both ends included; null: until it is replaced. */
export interface MeterOnFile {
    readonly id: string;
    readonly fromSlot: number;
    readonly toSlot: number | null;
}

/** The meters with another in the place of the last. The slot of the replacement belongs to both. Refuses METER_EXISTS. */
export function withReplacement<M extends MeterOnFile>(meters: readonly M[], next: M): M[] {
    const last = meters.at(-1);
    if (last === undefined || last.fromSlot >= next.fromSlot || meters.some(({ id }) => id === next.id)) {
        refuse(
            'METER_EXISTS',
            `${last?.id ?? 'no meter'} from slot ${last?.fromSlot ?? 0}, asked for ${next.id} from ${next.fromSlot}`,
        );
    }
    return [...meters.slice(0, -1), { ...last, toSlot: next.fromSlot }, next];
}

/**
 * A reading is told by exactly the meters that count in its slot, each over slots in which it counts: nobody may choose the meter
 * that shows less, nor leave out one of the two of a replacement. Refuses METER_UNKNOWN, METER_DISAGREES.
 */
export function checkMeters({ slot, spans }: Reading, meters: readonly MeterOnFile[]): void {
    for (const { meterId, fromSlot, slots } of spans) {
        const meter = meters.find(({ id }) => id === meterId);
        if (meter === undefined || !counts(meter, fromSlot) || !counts(meter, fromSlot + slots - 1)) {
            refuse('METER_UNKNOWN', `slot ${slot}: meter ${meterId}`);
        }
    }
    const silent = meters.find((meter) => counts(meter, slot) && !spans.some(({ meterId }) => meterId === meter.id));
    if (silent !== undefined && spans.length > 0) {
        refuse('METER_DISAGREES', `slot ${slot}: meter ${silent.id} counts there too`);
    }
}

const counts = ({ fromSlot, toSlot }: MeterOnFile, slot: number): boolean =>
    fromSlot <= slot && (toSlot === null || slot <= toSlot);

/** How many meters a household has when the slot ends: the one that was replaced in it no longer counts. */
export const metersAfter = (meters: readonly MeterOnFile[], slot: number): number =>
    meters.filter(({ fromSlot, toSlot }) => fromSlot <= slot && (toSlot === null || toSlot > slot)).length;
