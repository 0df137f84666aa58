import { dayKey, storageDayKey } from '../../../api/keys';
import type { Charter, StorageDay, StorageTermsRecord } from '../../../api/records';
import { refuse } from '../../../domain/refusals';
import type { LocalDay } from '../../../domain/slot';
import { storageOn } from '../../../domain/storage/terms';
import { charterAt, requireLawfulVersion } from '../../../ledger/charter-view';
import { bothPolicy, partiesPolicy } from '../../../ledger/market-policies';
import { findDay, findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { requirePolicy } from '../guards';

/** A day for which attestations are taken. */
export interface StorageOfDay {
    readonly local: LocalDay;
    readonly terms: StorageTermsRecord;
    readonly record: StorageDay;
    /** Governance as it stood when the day was opened. */
    readonly view: Charter;
    /** Stamps are not compared with slots. */
    readonly isReplay: boolean;
}

/**
 * The storage of a day. Refuses DAY_UNKNOWN, STORAGE_MISSING, COMMITTEE_MISSING, KEY_POLICY_WRONG where others than those who shall could have
 * written what it counts.
 */
export async function storageOfDay(ctx: TransactionContext, charter: Charter, day: string): Promise<StorageOfDay> {
    const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
    const opened = (await ctx.ledger.find(dayKey(day))) ?? refuse('DAY_UNKNOWN', day);
    const terms = storageOn(charter.storage, day) ?? refuse('STORAGE_MISSING', day);
    const record = (await ctx.ledger.find(storageDayKey(day))) ?? refuse('STORAGE_MISSING', day);
    requireLawfulVersion(charter, local.first, record.charterVersion);
    const view = charterAt(charter, record.charterVersion);
    await requirePolicy(ctx, storageDayKey(day), storageDayPolicy(view, terms, local));
    if (record.day !== day || record.mspId !== terms.mspId) {
        refuse('KEY_POLICY_WRONG', `storageDay/${day}`);
    }
    return { local, terms, record, view, isReplay: charter.rules.replayAllowed && opened.replay };
}

/** As `storageOfDay`, of the day that the slot lies in. */
export function storageOfSlot(ctx: TransactionContext, charter: Charter, slot: number): Promise<StorageOfDay> {
    return storageOfDay(ctx, charter, dayOfSlot(charter, slot));
}

/** Refuses DAY_UNKNOWN. */
export const dayOfSlot = (charter: Charter, slot: number): string =>
    findDayOf(charter, slot)?.day ?? refuse('DAY_UNKNOWN', `of slot ${slot}`);

/**
 * By request and response every offer writes the day's record, which nobody but the storage system and the grid operator together can: so
 * its peer is always asked, and asks its service. By broadcast a quorum of the committee may stand in for a storage system that is gone.
 */
export function storageDayPolicy(view: Charter, terms: StorageTermsRecord, { first }: LocalDay): Uint8Array {
    return terms.credibility === 'request-response'
        ? bothPolicy(view, terms.mspId)
        : partiesPolicy(view, terms.mspId, first);
}

/** The key of a day that is opened, where the community has a storage system. */
export async function createStorageDay(ctx: TransactionContext, charter: Charter, local: LocalDay): Promise<void> {
    const { day } = local;
    const terms = storageOn(charter.storage, day);
    if (terms !== undefined) {
        const record = { day, mspId: terms.mspId, charterVersion: charter.version, attestations: 0 };
        await ctx.ledger.create(storageDayKey(day), record, storageDayPolicy(charter, terms, local));
    }
}
