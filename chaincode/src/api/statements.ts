import { keyName, orderKey } from './keys';
import type { AttestationRecord, MonitorReport, OrderMarker, Span } from './records';
import { encodeBytes } from './wire';

/** What the owner of a private record signs: all of it but the signature. The record's own bytes are `encodeBytes(record)`. */
export function ownerStatement(record: object): Uint8Array {
    return encodeBytes({ ...record, signature: undefined });
}

/** What a member signs when it commits itself to an order that it keeps to itself. */
export function commitmentStatement({
    slot,
    mspId,
    id,
    hash,
}: Pick<OrderMarker, 'slot' | 'mspId' | 'id' | 'hash'>): Uint8Array {
    return encodeBytes({ commitment: keyName(orderKey(slot, mspId, id)), hash });
}

/** What the storage system and the prosumer both sign: under which key, and how much energy went from one to the other. */
export function attestationStatement({
    key,
    storage,
    prosumer,
    slot,
    id,
    energyWh,
}: Omit<AttestationRecord, 'signature' | 'prosumerSignature'>): Uint8Array {
    return encodeBytes({ key, storage, prosumer, slot, id, energyWh });
}

/** What a meter signs of a span. It names the member, so that one household's registers cannot become another's. */
export function spanStatement(mspId: string, span: Omit<Span, 'signature'>): Uint8Array {
    return encodeBytes({ ...span, mspId, signature: undefined });
}

/** What the grid operator signs of the feeder's meter. */
export function feederStatement(
    day: string,
    slots: readonly { readonly slot: number; readonly feederWh: bigint }[],
): Uint8Array {
    return encodeBytes({
        statement: 'feeder',
        day,
        slots: slots.map(({ slot, feederWh }) => ({ slot, feederWh })),
    });
}

/** What a meter signs as a monitor when a home applies. */
export function monitorStatement(report: MonitorReport): Uint8Array {
    return encodeBytes(report);
}
