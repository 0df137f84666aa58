import type { ReadingRecord } from '@commonwatt/chaincode/api/records';
import type { z } from 'zod';
import type { PlainSlot } from '../audit/plain-bill';
import type { energyFlow } from '../server/schemas/now';

export type Flow = z.output<typeof energyFlow>;

const positive = (n: bigint): bigint => (n > 0n ? n : 0n);

/** What the spans of a reading say of one register within its slot: a gap's span is spread evenly, as its energy is. */
function registered(reading: ReadingRecord, register: 'consumption' | 'generation'): bigint | undefined {
    const isOfSlot = reading.kind === 'register' || reading.kind === 'replaced';
    return isOfSlot && reading.spans.length > 0
        ? reading.spans.reduce((sum, span) => sum + span[register].endWh - span[register].startWh, 0n)
        : undefined;
}

/**
 * Where energy went in a slot. Where registers do not tell (a gap, an estimate, a meter that rolled over), only the difference is known: then
 * the home is shown as using what flows in, the roof as giving what flows out.
 */
export function flowOf(slot: PlainSlot, reading: ReadingRecord): Flow {
    const { netWh, boughtWh, soldWh, contract } = slot;
    const { contractedWh = 0n } = contract ?? {};
    const generated = registered(reading, 'generation');
    const consumed = registered(reading, 'consumption');
    const isKnown = generated !== undefined && consumed !== undefined && generated - consumed === netWh;
    const [roofWh, homeWh] = isKnown ? [generated, consumed] : [positive(netWh), positive(-netWh)];
    const left = netWh - soldWh + boughtWh - contractedWh;
    return {
        slot: slot.slot,
        readingKind: reading.kind,
        roofWh: positive(roofWh),
        homeWh: positive(homeWh),
        battery: null,
        boughtWh: boughtWh + positive(-contractedWh),
        soldWh: soldWh + positive(contractedWh),
        importedWh: positive(-left),
        exportedWh: positive(left),
    };
}
