import type { ReadingRecord } from '@commonwatt/chaincode/api/records';
import { slot as slotNumber } from '@commonwatt/chaincode/domain/slot';
import type { ExportedSlot, Quality, ReadingsExport } from '../meters/files/exported';
import type { HouseholdLedger } from './household-ledger';
import { ownDay } from './own-day';

const QUALITY: Readonly<Record<ReadingRecord['kind'], Quality>> = {
    register: 'metered',
    replaced: 'metered',
    gap: 'interpolated',
    estimated: 'estimated',
};

/** The household's readings of days as its own peer has them, to be taken elsewhere. */
export async function readingsView(ledger: HouseholdLedger, days: readonly string[]): Promise<ReadingsExport> {
    const slots: ExportedSlot[] = [];
    for (const day of days) {
        const own = await ownDay(ledger, day);
        slots.push(...[...(own?.readings.values() ?? [])].sort((a, b) => a.slot - b.slot).map(exported));
    }
    const { clock } = await ledger.charter();
    return {
        household: ledger.home,
        clock: clock.map(({ fromSlot, offsetMinutes }) => ({ fromSlot: slotNumber(fromSlot), offsetMinutes })),
        slots,
    };
}

/** Where registers bracket the slot alone they tell both directions; else only the difference is known. */
function exported({ slot, kind, netWh, spans }: ReadingRecord): ExportedSlot {
    const passed = (register: 'consumption' | 'generation'): bigint =>
        spans.reduce((sum, span) => sum + span[register].endWh - span[register].startWh, 0n);
    const [importWh, exportWh] = [passed('consumption'), passed('generation')];
    const isKnown = spans.length > 0 && kind !== 'gap' && importWh >= 0n && exportWh - importWh === netWh;
    const net = { importWh: netWh < 0n ? -netWh : 0n, exportWh: netWh > 0n ? netWh : 0n };
    return { slot, ...(isKnown ? { importWh, exportWh } : net), quality: QUALITY[kind] };
}
