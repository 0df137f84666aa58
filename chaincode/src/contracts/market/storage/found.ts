import { attestationKey, contractKey, keyName, purchaseKey, slotPart, type LedgerKey } from '../../../api/keys';
import type {
    AttestationRecord,
    Charter,
    ContractRecord,
    DeliveryStatement,
    OfferRecord,
    PurchaseRecord,
} from '../../../api/records';
import { attestationStatement } from '../../../api/statements';
import { dayFrom, daysSinceEpoch, type CalendarDay } from '../../../domain/calendar';
import { memberNamed } from '../../../domain/community/roster';
import { verifySignature } from '../../../domain/digest';
import { Refusal, refuse } from '../../../domain/refusals';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { allOf, organisation, policyBytes } from '../../../ledger/key-policy';
import { gridOperator, partiesPolicy } from '../../../ledger/market-policies';
import { findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { hasPolicy, isSigned, recordHash } from '../guards';
import { dayOfSlot } from './storage-day';

// The grid operator and any one household can create keys at will. So what stands under a key of these kinds counts only if it
// names that key, stands under its parties' policy, and carries the signature of whoever it binds; everything else is nobody's word.

export interface Lot {
    readonly slot: number;
    readonly id: string;
}

/**
 * Whether the storage system signed that it took in this energy, under this key, for somebody else than itself, and the prosumer that it gave
 * it: neither takes anything out of the other's meter alone.
 */
export function isAttested(charter: Charter, day: string, attestation: AttestationRecord): boolean {
    const { key, storage, prosumer, slot, id, signature, prosumerSignature } = attestation;
    const statement = attestationStatement(attestation);
    const signed = (mspId: string, by: string): boolean => {
        const member = memberNamed(charter.members, mspId);
        return member !== undefined && verifySignature(member.ownerKey, statement, by);
    };
    return (
        key === keyName(attestationKey(day, slot, id)) &&
        storage !== prosumer &&
        findDayOf(charter, slot)?.day === day &&
        signed(storage, signature) &&
        signed(prosumer, prosumerSignature)
    );
}

/** Nobody has a reason to write an attestation twice: whoever would has to have all three. */
export const attestationPolicy = (charter: Charter, { storage, prosumer }: AttestationRecord): Uint8Array =>
    policyBytes(allOf([storage, prosumer, gridOperator(charter)].map(organisation)));

/** The attestations of a day by one storage system that count. */
export async function attestationsOf(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    storage: string,
): Promise<AttestationRecord[]> {
    const found: AttestationRecord[] = [];
    for (const { parts, record } of await ctx.ledger.listWithParts('attestation', day)) {
        const isOwnKey = record !== undefined && isOwn(attestationKey(day, record.slot, record.id), parts);
        if (isOwnKey && record.storage === storage && (await isAttestation(ctx, charter, day, record))) {
            found.push(record);
        }
    }
    return found;
}

/** The attestation, if there is one that counts. */
export async function findAttestation(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    { slot, id }: Lot,
): Promise<AttestationRecord | undefined> {
    const record = await ctx.ledger.find(attestationKey(day, slot, id));
    const counts = record?.slot === slot && record.id === id && (await isAttestation(ctx, charter, day, record));
    return counts ? record : undefined;
}

async function isAttestation(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    record: AttestationRecord,
): Promise<boolean> {
    const key = attestationKey(day, record.slot, record.id);
    return isAttested(charter, day, record) && (await hasPolicy(ctx, key, attestationPolicy(charter, record)));
}

/** Whether the offer says that it is of this lot, and its seller signed it. */
export function isOffer(charter: Charter, day: string, { slot, id }: Lot, offer: OfferRecord): boolean {
    return offer.key === keyName(contractKey(day, slot, id)) && isSignedBy(charter, offer.seller, offer);
}

/** Who may write an offer that is posted. Refuses KEY_POLICY_WRONG for a version that has not been, COMMITTEE_MISSING. */
export function contractPolicy(charter: Charter, { slot, charterVersion, offer }: ContractRecord): Uint8Array {
    return partiesPolicy(charterAt(charter, charterVersion), offer.seller, slot);
}

/** The newest offer of a lot. Refuses KEY_POLICY_WRONG where something stands there that is no offer of it. */
export async function findContract(
    ctx: TransactionContext,
    charter: Charter,
    lot: Lot,
): Promise<ContractRecord | undefined> {
    const day = dayOfSlot(charter, lot.slot);
    const key = contractKey(day, lot.slot, lot.id);
    const record = await ctx.ledger.find(key);
    if (record !== undefined && !(await isContract(ctx, charter, day, key, record))) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    return record;
}

/** Every offer of energy that was taken in on the day. */
export async function contractsOf(ctx: TransactionContext, charter: Charter, day: string): Promise<ContractRecord[]> {
    const found: ContractRecord[] = [];
    for (const { parts, record } of await ctx.ledger.listWithParts('contract', day)) {
        const key = record === undefined ? undefined : contractKey(day, record.slot, record.id);
        const isOwnKey = record !== undefined && key !== undefined && isOwn(key, parts);
        if (isOwnKey && (await isContract(ctx, charter, day, key, record))) {
            found.push(record);
        }
    }
    return found;
}

async function isContract(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
    key: LedgerKey<'contract'>,
    record: ContractRecord,
): Promise<boolean> {
    const isOwnKey = record.day === day && isOwn(key, [day, slotPart(record.slot), record.id]);
    const policy = unlessWrong(() => contractPolicy(charter, record));
    return (
        isOwnKey &&
        policy !== undefined &&
        isOffer(charter, day, record, record.offer) &&
        (await hasPolicy(ctx, key, policy))
    );
}

/**
 * Who may write a purchase: the storage system with the grid operator; for what it leaves behind, the grid operator with the committee of the
 * slot of delivery. Refuses KEY_POLICY_WRONG, COMMITTEE_MISSING.
 */
export function purchasePolicy(
    charter: Charter,
    { storage, deliverySlot, charterVersion }: Pick<PurchaseRecord, 'storage' | 'deliverySlot' | 'charterVersion'>,
): Uint8Array {
    requireLawfulVersion(charter, findDayOf(charter, deliverySlot)?.first ?? deliverySlot, charterVersion);
    return partiesPolicy(charterAt(charter, charterVersion), storage, deliverySlot);
}

/** Every purchase of energy that was taken in on the day, energy and slot signed by its buyer and, where it is confirmed, by the storage system. */
export async function purchasesOf(ctx: TransactionContext, charter: Charter, day: string): Promise<PurchaseRecord[]> {
    const found: PurchaseRecord[] = [];
    for (const { parts, record } of await ctx.ledger.listWithParts('purchase', day)) {
        const isOwnKey = record !== undefined && isOwn(purchaseKey(record, record.version), parts);
        if (isOwnKey && (await isPurchase(ctx, charter, record))) {
            found.push(record);
        }
    }
    return found;
}

/** Every purchase that can be for delivery on the day: energy is held so many days at most. */
export async function purchasesAround(
    ctx: TransactionContext,
    charter: Charter,
    day: string,
): Promise<PurchaseRecord[]> {
    const longest = Math.max(0, ...(charter.storage ?? []).map(({ holdDays }) => holdDays));
    const found: PurchaseRecord[] = [];
    for (const each of daysAround(day, longest, 0)) {
        found.push(...(await purchasesOf(ctx, charter, each)));
    }
    return found;
}

/** The purchase of an offer, if there is one that counts: what others have put there keeps its seller from nothing. */
export async function lawfulPurchase(
    ctx: TransactionContext,
    charter: Charter,
    lot: Lot,
    version: number,
): Promise<PurchaseRecord | undefined> {
    const key = purchaseKey({ ...lot, day: dayOfSlot(charter, lot.slot) }, version);
    const record = await ctx.ledger.findReadable(key);
    const isOwnKey = record !== undefined && isOwn(purchaseKey(record, record.version), key.parts);
    return isOwnKey && (await isPurchase(ctx, charter, record)) ? record : undefined;
}

/** The purchase of an offer. Refuses KEY_POLICY_WRONG where something stands there that is none. */
export async function findPurchase(
    ctx: TransactionContext,
    charter: Charter,
    lot: Lot,
    version: number,
): Promise<PurchaseRecord | undefined> {
    const found = await lawfulPurchase(ctx, charter, lot, version);
    const key = purchaseKey({ ...lot, day: dayOfSlot(charter, lot.slot) }, version);
    if (found === undefined && (await ctx.ledger.findText(key)) !== undefined) {
        refuse('KEY_POLICY_WRONG', keyName(key));
    }
    return found;
}

async function isPurchase(ctx: TransactionContext, charter: Charter, record: PurchaseRecord): Promise<boolean> {
    const key = purchaseKey(record, record.version);
    const policy = unlessWrong(() => purchasePolicy(charter, record));
    return (
        policy !== undefined &&
        record.statement.key === keyName(key) &&
        record.statement.energyWh === record.energyWh &&
        record.statement.deliverySlot === record.deliverySlot &&
        isSignedBy(charter, record.statement.buyer, record.statement) &&
        (record.status !== 'confirmed' || isDelivery(charter, record, 'confirmed', record.confirmation)) &&
        (await hasPolicy(ctx, key, policy))
    );
}

/** Whether the storage system signed this of the purchase. */
export function isDelivery(
    charter: Charter,
    purchase: PurchaseRecord,
    says: DeliveryStatement['says'],
    statement: DeliveryStatement | undefined,
): boolean {
    return (
        statement?.says === says &&
        statement.key === keyName(purchaseKey(purchase, purchase.version)) &&
        statement.buyer === purchase.statement.buyer &&
        statement.energyWh === purchase.energyWh &&
        statement.deliverySlot === purchase.deliverySlot &&
        isSignedBy(charter, purchase.storage, statement)
    );
}

/** The hash by which a buyer says what it buys. */
export const offerHash = (offer: OfferRecord): string => recordHash(offer);

/** The days from so many before to so many after. */
export function daysAround(day: string, before: number, later: number): CalendarDay[] {
    const middle = daysSinceEpoch(day);
    return Array.from({ length: before + later + 1 }, (_, i) => dayFrom(middle - before + i));
}

export function isSignedBy({ members }: Charter, mspId: string, statement: { readonly signature: string }): boolean {
    const member = memberNamed(members, mspId);
    return member !== undefined && isSigned(statement, member.ownerKey);
}

const isOwn = ({ parts }: LedgerKey, found: readonly string[]): boolean =>
    parts.length === found.length && parts.every((part, i) => part === found[i]);

/** What names a charter that has not been, or a committee that there is not, is nobody's word and stops nothing. */
function unlessWrong(policy: () => Uint8Array): Uint8Array | undefined {
    try {
        return policy();
    } catch (error) {
        if (error instanceof Refusal) {
            return undefined;
        }
        throw error;
    }
}
