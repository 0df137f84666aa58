import { dayOf, localTime, slot as slotNumber, type Clock } from '@commonwatt/chaincode/domain/slot';
import { decimal, price } from '../decimal';

/** How a community tells times and prices. */
export interface Words {
    readonly clock: Clock;
    readonly currency: string;
}

export const timeOf = ({ clock }: Words, slot: number): string => localTime(slotNumber(slot), clock);
export const dayAndTime = ({ clock }: Words, slot: number): string =>
    `${dayOf(slotNumber(slot), clock).day} ${localTime(slotNumber(slot), clock)}`;
export const priceText = (micros: bigint | null): string => (micros === null ? '–' : price(micros));
/** Money with four decimals: what a quarter hour costs is less than a cent. */
export const moneyText = (nanos: bigint): string => decimal(nanos / 100_000n, 4);
/** A moment in UTC, or that nobody says. */
export const instant = (seconds: number | null): string =>
    seconds === null ? '–' : new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
