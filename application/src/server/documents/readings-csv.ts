import { slot as slotNumber, slotStart } from '@commonwatt/chaincode/domain/slot';
import type { HouseholdLedger } from '../../household-view/household-ledger';
import { ownDay } from '../../household-view/own-day';
import { kilowattHours } from '../../report/decimal';
import { csv } from './csv';

/** Readings of days, a line for each slot: what flowed at the home's connection. Positive is towards the grid. */
export async function readingsCsv(ledger: HouseholdLedger, days: readonly string[]): Promise<string> {
    const rows: string[][] = [];
    for (const day of days) {
        const own = await ownDay(ledger, day);
        for (const { slot, kind, netWh, version } of own?.readings.values() ?? []) {
            const begins = new Date(slotStart(slotNumber(slot)) * 1000).toISOString();
            rows.push([begins, String(slot), kilowattHours(netWh), kind, String(version)]);
        }
    }
    return csv([['begins (UTC)', 'slot', 'net kWh', 'kind', 'version'], ...rows]);
}
