import { attestationKey, contractKey, keyName, purchaseKey, type LedgerKey } from '../../api/keys';
import type {
    AttestationRecord,
    DeliveryStatement,
    OfferRecord,
    PurchaseStatement,
    StorageTermsRecord,
} from '../../api/records';
import { attestationStatement, ownerStatement } from '../../api/statements';
import { encodeBytes } from '../../api/wire';
import { offerHash } from '../../contracts/market/storage/found';
import { DAY, DSO, FIRST, household, ownerKey, TestCommunity } from '../community';
import type { TestKey } from '../identities';
import { compositeKey } from '../memory-network';
import { placeOf } from '../memory-stub';
import type { Code } from '../world-state';

/** The last of four households has the storage. */
export const STORAGE = household(4);

export const STORAGE_TERMS: StorageTermsRecord = {
    fromDay: '2014-10-01',
    mspId: STORAGE,
    capacityWh: 4_000n,
    chargeW: 4_000n,
    dischargeW: 4_000n,
    chargePpm: 950_000n,
    dischargePpm: 950_000n,
    credibility: 'broadcast',
    fee: 10_000n,
    holdDays: 1,
    attestSlots: 8,
    refundSlots: 4,
};

/** Four households, of which the last has the storage; the day is open as a replay unless another is opened. */
export async function storageCommunity(
    change: Partial<StorageTermsRecord> = {},
    { coverRequired = false } = {},
): Promise<TestCommunity> {
    const community = await TestCommunity.governed(4, { coverRequired });
    await governStorage(community, change);
    await community.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, household(1)] });
    return community;
}

export async function governStorage(community: TestCommunity, change: Partial<StorageTermsRecord> = {}): Promise<void> {
    await community.submit('community:assignRole', { role: 'ess', mspId: STORAGE });
    await community.submit('storage:schedule', { ...STORAGE_TERMS, ...change });
}

/** Energy is taken in at noon and given out in the evening. */
export const NOON = FIRST + 48;
export const EVENING = FIRST + 76;

export interface AttestationShape {
    readonly prosumer?: string;
    readonly slot?: number;
    readonly day?: string;
    readonly id?: string;
    readonly energyWh?: bigint;
}

const EXCHANGED = { prosumer: household(1), slot: NOON, day: DAY, id: 'a1', energyWh: 400n };

/** Signed by the storage system and the prosumer, unless by others. */
export function attestation(
    shape: AttestationShape = {},
    change: Partial<AttestationRecord> = {},
    signers: { readonly storage?: TestKey; readonly giver?: TestKey } = {},
): AttestationRecord {
    const { prosumer, slot, day, id, energyWh } = { ...EXCHANGED, ...shape };
    const { storage, giver } = { storage: ownerKey(STORAGE), giver: ownerKey(prosumer), ...signers };
    const key = keyName(attestationKey(day, slot, id));
    const unsigned = { key, storage: STORAGE, prosumer, slot, id, energyWh, ...change };
    const statement = attestationStatement(unsigned);
    return { ...unsigned, signature: storage.sign(statement), prosumerSignature: giver.sign(statement) };
}

export interface OfferShape extends AttestationShape {
    readonly version?: number;
    readonly price?: bigint;
    readonly deliverySlot?: number;
}

const OFFERED = { prosumer: household(1), slot: NOON, day: DAY, id: 'a1', version: 1, energyWh: 361n };

/** An offer of the lot of that slot and id. */
export function offer(shape: OfferShape = {}, change: Partial<OfferRecord> = {}, signer?: TestKey): OfferRecord {
    const given = { ...OFFERED, price: 150_000n, deliverySlot: EVENING, ...shape };
    const { prosumer: seller, slot, day, id, version, energyWh, price, deliverySlot } = given;
    const key = keyName(contractKey(day, slot, id));
    const feeNanos = STORAGE_TERMS.fee * energyWh;
    const unsigned = { key, version, seller, storage: STORAGE, energyWh, price, feeNanos, deliverySlot, ...change };
    return { ...unsigned, signature: (signer ?? ownerKey(unsigned.seller)).sign(ownerStatement(unsigned)) };
}

/** What `offer` is asked with. */
export const offering = (given: OfferRecord, brought?: AttestationRecord, { slot = NOON, id = 'a1' } = {}) => ({
    slot,
    id,
    offer: given,
    ...(brought === undefined ? {} : { attestation: brought }),
});

export function purchaseStatement(
    bought: OfferRecord,
    buyer: string,
    change: Partial<PurchaseStatement> = {},
    signer: TestKey = ownerKey(buyer),
): PurchaseStatement {
    const unsigned = {
        key: keyName(purchaseKeyOf(bought)),
        buyer,
        energyWh: bought.energyWh,
        deliverySlot: bought.deliverySlot,
        paymentNanos: bought.energyWh * bought.price,
        offerHash: offerHash(bought),
        ...change,
    };
    return { ...unsigned, signature: signer.sign(ownerStatement(unsigned)) };
}

export function deliveryStatement(
    sold: OfferRecord,
    buyer: string,
    says: DeliveryStatement['says'],
    change: Partial<DeliveryStatement> = {},
    signer: TestKey = ownerKey(STORAGE),
): DeliveryStatement {
    const { energyWh, deliverySlot } = sold;
    const unsigned = { key: keyName(purchaseKeyOf(sold)), says, buyer, energyWh, deliverySlot, ...change };
    return { ...unsigned, signature: signer.sign(ownerStatement(unsigned)) };
}

/** `contract/DAY/SLOT/ID` names the lot. */
function purchaseKeyOf({ key, version }: OfferRecord): ReturnType<typeof purchaseKey> {
    const [, day = '', slot = '', id = ''] = key.split('/');
    return purchaseKey({ day, slot: Number(slot), id }, version);
}

/** What modified chaincode of the grid operator and another household puts on the ledger: the first write of keys, under any policy. */
export function forgedRecords(
    community: TestCommunity,
    records: readonly { readonly key: LedgerKey; readonly record: object; readonly policy: Uint8Array }[],
): Code {
    const placed = records.map(({ key: { type, parts }, ...rest }) => {
        return { place: placeOf('market', compositeKey(type, parts)), ...rest };
    });
    const writes = new Map(placed.map(({ place, record }) => [place, encodeBytes(record)]));
    const policies = new Map(placed.map(({ place, policy }) => [place, policy]));
    return community.network.forge({ writes, policies }, [DSO, household(3)]);
}
