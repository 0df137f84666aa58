import { decimal, kilowattHours } from './decimal';
import { left, right, table } from './table';
import type { StorageState } from '../storage/storage-state';

const NANOS_DECIMALS = 9;

/** What lies in the storage system of a community, and what becomes of it. All of it is public. */
export function storageText(state: StorageState, currency: string, timeOf: (slot: number) => string): string {
    const { home, day, terms, attestedWh, releasableWh, promisedWh, givenWh, chargeWh, contracts } = state;
    const kwh = (wh: bigint): string => `${kilowattHours(wh)} kWh`;
    const kilowatts = (watts: bigint): string => `${decimal(watts, 3)} kW`;
    const columns = [
        left('contract'),
        left('seller'),
        left('buyer'),
        left('stored'),
        right('kWh'),
        left('given out'),
        right('kWh'),
        right(currency),
        left('status'),
    ];
    const rows = contracts.map((each) => [
        each.id,
        each.seller,
        each.buyer ?? '',
        timeOf(each.storedIn),
        kilowattHours(each.takenWh),
        timeOf(each.deliveredIn),
        kilowattHours(each.deliveredWh),
        decimal(each.paymentNanos, NANOS_DECIMALS).replace(/0{3,6}$/, ''),
        each.status,
    ]);
    return [
        `${home} holds ${kwh(terms.capacityWh)}, takes in ${kilowatts(terms.chargeW)} and gives out ${kilowatts(terms.dischargeW)} at most (${terms.credibility}).`,
        `Until the end of ${day}: attested ${kwh(attestedWh)}, of which ${kwh(releasableWh)} can be given out; promised ${kwh(promisedWh)}, given out ${kwh(givenWh)}, left ${kwh(chargeWh)}.`,
        ...(rows.length === 0 ? ['No contracts.'] : ['', table(columns, rows)]),
    ].join('\n');
}
