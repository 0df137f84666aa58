import { keyName, orderKey, readingKey } from '@commonwatt/chaincode/api/keys';
import type { OrderRecord, ReadingRecord, Span } from '@commonwatt/chaincode/api/records';
import { commitmentStatement, ownerStatement, spanStatement } from '@commonwatt/chaincode/api/statements';
import { encodeBytes } from '@commonwatt/chaincode/api/wire';
import { sha256Hex } from '@commonwatt/chaincode/domain/digest';
import type { HomeRegisters } from '../data/meter-day';
import type { Commitment } from '../market/auction';
import type { Decision } from './decide';
import type { MeterKey, OwnerKeys } from './keys';

/** The one meter at a home's connection, as governance has it on file. */
export const METER_ID = 'main';
/** Nine digits of kWh and three of Wh. */
export const REGISTER_MODULUS_WH = 1_000_000_000_000n;
/** A household has one order in a round. */
export const ORDER_ID = 'o1';

export async function orderRecord(
    keys: OwnerKeys,
    mspId: string,
    slot: number,
    decision: Decision,
): Promise<OrderRecord> {
    const key = keyName(orderKey(slot, mspId, ORDER_ID));
    const version = 1;
    const unsigned = { key, version, mspId, slot, id: ORDER_ID, ...decision, salt: keys.saltFor(key, version) };
    return { ...unsigned, signature: await keys.sign(ownerStatement(unsigned)) };
}

/** What the marker of a record holds. */
export const hashOf = (record: object): string => sha256Hex(encodeBytes(record));

/** What is said of an order while it is sealed. */
export function commitmentTo(keys: OwnerKeys, order: OrderRecord): Commitment {
    const { slot, id, mspId } = order;
    const hash = hashOf(order);
    return { slot, id, hash, signature: keys.signFast(commitmentStatement({ slot, id, mspId, hash })) };
}

/** What stands on a home's registers around one slot. */
export interface MeteredSlot {
    readonly mspId: string;
    readonly day: string;
    readonly slot: number;
    readonly consumption: { readonly startWh: bigint; readonly endWh: bigint };
    readonly generation: { readonly startWh: bigint; readonly endWh: bigint };
}

/** The slots of a day out of a home's registers. */
export function meteredSlots(
    mspId: string,
    day: string,
    firstSlot: number,
    { consumed, produced }: HomeRegisters,
): MeteredSlot[] {
    const pair = (register: readonly bigint[], index: number): MeteredSlot['consumption'] => ({
        startWh: (register[index] ?? 0n) % REGISTER_MODULUS_WH,
        endWh: (register[index + 1] ?? 0n) % REGISTER_MODULUS_WH,
    });
    return Array.from({ length: consumed.length - 1 }, (_, index) => ({
        mspId,
        day,
        slot: firstSlot + index,
        consumption: pair(consumed, index),
        generation: pair(produced, index),
    }));
}

/** A first reading: the meter signs its registers, the owner signs the record. */
export const readingRecord = (owner: OwnerKeys, meter: MeterKey, metered: MeteredSlot, netWh: bigint): ReadingRecord =>
    correctedReading(owner, meter, metered, netWh, { version: 1 });

/** A later version of a reading says why it is one. */
export function correctedReading(
    owner: OwnerKeys,
    meter: MeterKey,
    metered: MeteredSlot,
    netWh: bigint,
    { version, reason }: { readonly version: number; readonly reason?: string },
): ReadingRecord {
    const { mspId, day, slot, consumption, generation } = metered;
    const said = { meterId: METER_ID, fromSlot: slot, slots: 1, consumption, generation };
    const span: Span = { ...said, signature: meter.sign(spanStatement(mspId, said)) };
    const key = keyName(readingKey(mspId, day, slot));
    const salt = owner.saltFor(key, version);
    const unsigned = { key, version, mspId, slot, kind: 'register' as const, reason, netWh, spans: [span], salt };
    return { ...unsigned, signature: owner.signFast(ownerStatement(unsigned)) };
}
