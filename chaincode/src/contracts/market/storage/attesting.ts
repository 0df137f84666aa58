import { attestationKey, keyName, storageDayKey } from '../../../api/keys';
import type { AttestationRecord, Charter } from '../../../api/records';
import { total, wattHours } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { SECONDS_PER_SLOT, slot as slotOf, slotEnd } from '../../../domain/slot';
import { takingFlaw, type StorageFlow } from '../../../domain/storage/storage';
import type { TransactionContext } from '../../transaction-context';
import { activeMember, memberOf } from '../guards';
import { attestationPolicy, attestationsOf, daysAround, isAttested, purchasesOf } from './found';
import type { StorageOfDay } from './storage-day';
import { requireUnsettled } from './unsettled';

/**
 * Whether the prosumer can have given and the storage system taken in what both attest, and it is not too late to say so. Refuses
 * ATTESTATION_FORGED, MEMBER_NOT_ACTIVE, ATTESTATION_STALE, READING_IN_FUTURE, ATTESTATION_EXISTS, SETTLEMENT_EXISTS,
 * READING_ABOVE_LIMIT, STORAGE_POWER, STORAGE_FULL.
 */
export async function requireAttestations(
    ctx: TransactionContext,
    charter: Charter,
    at: StorageOfDay,
    attestations: readonly AttestationRecord[],
): Promise<void> {
    const { day } = at.local;
    for (const attestation of attestations) {
        if (attestation.storage !== at.terms.mspId || !isAttested(charter, day, attestation)) {
            refuse('ATTESTATION_FORGED', nameOf(day, attestation));
        }
        activeMember(charter, attestation.prosumer, attestation.slot);
        requireFresh(at, attestation, ctx.now);
    }
    await requireNew(ctx, day, attestations);
    await requireUnsettled(ctx, charter, day, [at.terms.mspId, ...attestations.map(({ prosumer }) => prosumer)]);
    const { attested, taken, given } = await bookedFlows(ctx, charter, at);
    for (const attestation of attestations) {
        attested.push(attestation);
        requireWithinConnection(charter, attestation, attested);
        const flow = flowOf(attestation);
        const flaw = takingFlaw(flow, taken, given, at.terms);
        if (flaw !== undefined) {
            refuse(flaw.code, flaw.detail);
        }
        taken.push(flow);
    }
}

const SLOTS_PER_HOUR = 4n;

/** Writes attestations and counts them: the day's record has to be written, so its parties have to agree. */
export async function saveAttestations(
    ctx: TransactionContext,
    charter: Charter,
    { local: { day }, record }: StorageOfDay,
    attestations: readonly AttestationRecord[],
): Promise<void> {
    await ctx.ledger.save(storageDayKey(day), {
        ...record,
        attestations: record.attestations + attestations.length,
    });
    for (const attestation of attestations) {
        const { slot, id, prosumer } = attestation;
        await ctx.ledger.create(attestationKey(day, slot, id), attestation, attestationPolicy(charter, attestation));
        ctx.emit({ type: 'EnergyAttested', day, slot, id, prosumer });
    }
}

const flowOf = ({ slot, energyWh }: Pick<AttestationRecord, 'slot' | 'energyWh'>): StorageFlow => ({
    slot,
    energy: wattHours(energyWh),
});

const nameOf = (day: string, { slot, id }: AttestationRecord): string => keyName(attestationKey(day, slot, id));

/** An attestation is made once its slot has ended, and soon. Replays compare no stamps. */
function requireFresh({ isReplay, terms }: StorageOfDay, { slot }: AttestationRecord, now: number): void {
    const age = now - slotEnd(slotOf(slot));
    if (!isReplay && age > terms.attestSlots * SECONDS_PER_SLOT) {
        refuse('ATTESTATION_STALE', `slot ${slot} ended ${age} s ago, at most ${terms.attestSlots} slots are allowed`);
    }
    if (!isReplay && age < 0) {
        refuse('READING_IN_FUTURE', `slot ${slot}: ${-age} s to go`);
    }
}

async function requireNew(
    ctx: TransactionContext,
    day: string,
    attestations: readonly AttestationRecord[],
): Promise<void> {
    const names = new Set<string>();
    for (const attestation of attestations) {
        const name = nameOf(day, attestation);
        const known = await ctx.ledger.find(attestationKey(day, attestation.slot, attestation.id));
        if (known !== undefined || names.has(name)) {
            refuse('ATTESTATION_EXISTS', name);
        }
        names.add(name);
    }
}

/** A prosumer gives to the storage no more than its connection carries, over all that is attested to it in the slot. Refuses READING_ABOVE_LIMIT. */
function requireWithinConnection(
    charter: Charter,
    { prosumer, slot }: AttestationRecord,
    attested: readonly AttestationRecord[],
): void {
    const { exportLimitW } = memberOf(charter, prosumer);
    const own = attested.filter((each) => each.prosumer === prosumer && each.slot === slot);
    requireCarried(`${prosumer} in slot ${slot}`, own.map(flowOf), exportLimitW);
}

/** Refuses READING_ABOVE_LIMIT where these together, of one slot, are more than the power gives in it. */
export function requireCarried(what: string, flows: readonly Pick<StorageFlow, 'energy'>[], limitW: bigint): void {
    const energy = total(flows.map((flow) => flow.energy));
    if (energy * SLOTS_PER_HOUR > limitW) {
        refuse('READING_ABOVE_LIMIT', `${what}: ${energy.toString()} Wh at ${limitW.toString()} W`);
    }
}

/** What the storage took in around the day and, of that, what it has certainly given out. */
async function bookedFlows(
    ctx: TransactionContext,
    charter: Charter,
    { local, terms }: StorageOfDay,
): Promise<{ attested: AttestationRecord[]; taken: StorageFlow[]; given: StorageFlow[] }> {
    const attested: AttestationRecord[] = [];
    const given: StorageFlow[] = [];
    for (const day of daysAround(local.day, terms.holdDays, terms.holdDays)) {
        const attestations = await attestationsOf(ctx, charter, day, terms.mspId);
        attested.push(...attestations);
        const lots = new Set(attestations.map(({ slot, id }) => `${slot}/${id}`));
        const purchases = (await purchasesOf(ctx, charter, day)).filter(
            ({ status, slot, id }) => status === 'confirmed' && lots.has(`${slot}/${id}`),
        );
        given.push(
            ...purchases.map(({ deliverySlot, energyWh }) => ({ slot: deliverySlot, energy: wattHours(energyWh) })),
        );
    }
    return { attested, taken: attested.map(flowOf), given };
}
