import { attestationKey, contractKey, keyName, purchaseKey } from '@commonwatt/chaincode/api/keys';
import type {
    AttestationRecord,
    DeliveryStatement,
    OfferRecord,
    PurchaseRecord,
    PurchaseStatement,
} from '@commonwatt/chaincode/api/records';
import { attestationStatement, ownerStatement } from '@commonwatt/chaincode/api/statements';
import { encodeBytes } from '@commonwatt/chaincode/api/wire';
import { createHash } from 'node:crypto';
import type { OwnerKeys } from '../household/keys';

/** One lot of stored energy, and on whose behalf. */
export interface Lot {
    readonly day: string;
    readonly slot: number;
    readonly id: string;
}

async function signed<T extends object>(keys: OwnerKeys, statement: T): Promise<T & { signature: string }> {
    return { ...statement, signature: await keys.sign(ownerStatement(statement)) };
}

type Unattested = Omit<AttestationRecord, 'signature' | 'prosumerSignature'>;

/** What an attestation says: how much energy went from a prosumer to the storage system. */
export function exchanged(
    { day, slot, id }: Lot,
    what: Pick<AttestationRecord, 'storage' | 'prosumer' | 'energyWh'>,
): Unattested {
    return { key: keyName(attestationKey(day, slot, id)), slot, id, ...what };
}

/** The signature that each of the two gives: the prosumer gives its own to the storage system. */
export const agreed = (keys: OwnerKeys, exchange: Unattested): Promise<string> =>
    keys.sign(attestationStatement(exchange));

/** The storage system says that it took in energy for a prosumer that says the same. */
export async function attestation(
    keys: OwnerKeys,
    exchange: Unattested,
    prosumerSignature: string,
): Promise<AttestationRecord> {
    return { ...exchange, signature: await agreed(keys, exchange), prosumerSignature };
}

export function offer(
    keys: OwnerKeys,
    { day, slot, id }: Lot,
    what: Omit<OfferRecord, 'key' | 'signature'>,
): Promise<OfferRecord> {
    return signed(keys, { key: keyName(contractKey(day, slot, id)), ...what });
}

/** Binds the buyer to the offer as it has read it. */
export function purchase(keys: OwnerKeys, lot: Lot, buyer: string, bought: OfferRecord): Promise<PurchaseStatement> {
    return signed(keys, {
        key: keyName(purchaseKey(lot, bought.version)),
        buyer,
        energyWh: bought.energyWh,
        deliverySlot: bought.deliverySlot,
        paymentNanos: paymentOf(bought),
        offerHash: createHash('sha256').update(encodeBytes(bought)).digest('hex'),
    });
}

export function delivery(
    keys: OwnerKeys,
    bought: PurchaseRecord,
    says: DeliveryStatement['says'],
): Promise<DeliveryStatement> {
    const { energyWh, deliverySlot, version, statement } = bought;
    const key = keyName(purchaseKey(bought, version));
    return signed(keys, { key, says, buyer: statement.buyer, energyWh, deliverySlot });
}

export const paymentOf = ({ energyWh, price }: Pick<OfferRecord, 'energyWh' | 'price'>): bigint => energyWh * price;
