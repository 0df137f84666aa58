import { keyName } from '../../../api/keys';
import type { Charter } from '../../../api/records';
import { TRANSACTIONS } from '../../../api/transactions';
import { day as daySchema, encodeBytes } from '../../../api/wire';
import { compareStrings } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { BaseContract } from '../../base-contract';
import { findDay, findDayOf } from '../../clock';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash, requireParty } from '../guards';
import { markedMoney, restoreMoney } from './money';
import { agreementHash, markedRecords, placesOf, type Placed } from './records-of-day';

/**
 * Private records come back from another party's copy after a disk is gone. Nobody has to be believed: a record is put back only as
 * its marker on the channel says, and signed by whoever had to sign it when it was made. What each function refuses, in order of
 * precedence, stands in the catalogue (api/catalogue).
 */
export class RecoveryContract extends BaseContract {
    constructor() {
        super('market', 'recovery');
    }

    async days(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['recovery:days'];
        const { mspId } = argumentOf(specification, args);
        const opened = (await ctx.ledger.listWithParts('day')).map(({ parts: [day] }) => day);
        const metered = (await ctx.ledger.listWithParts('reading', mspId)).map(({ parts: [, day] }) => day);
        const days = [...opened, ...metered].filter((day): day is string => daySchema.safeParse(day).success);
        return answer(specification, [...new Set(days)].sort(compareStrings));
    }

    async records(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['recovery:records'];
        const { mspId, day } = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireParty(charter, mspId, ctx.caller);
        const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
        return answer(specification, await markedRecords(ctx, mspId, local));
    }

    async restore(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['recovery:restore'];
        const { mspId, day } = argumentOf(specification, args);
        const { records } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        requireParty(charter, mspId, ctx.caller);
        if (findDay(charter, day) === undefined) {
            refuse('DAY_UNKNOWN', day);
        }
        const places = placesOf(day, records);
        for (const place of places) {
            requireOfDay(charter, day, mspId, place);
            await requireMarked(ctx, place);
            requireSigned(charter, place);
        }
        for (const { key, record } of places) {
            await ctx.ledger.savePrivate([ctx.caller], key, encodeBytes(record));
        }
        return answer(specification, { restored: BigInt(places.length) });
    }

    async money(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['recovery:money'];
        const { mspId } = argumentOf(specification, args);
        requireParty(await ctx.charter(), mspId, ctx.caller);
        return answer(specification, await markedMoney(ctx, mspId));
    }

    async restoreMoney(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['recovery:restoreMoney'];
        const { mspId } = argumentOf(specification, args);
        const { records } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        requireParty(charter, mspId, ctx.caller);
        return answer(specification, { restored: BigInt(await restoreMoney(ctx, charter, mspId, records)) });
    }
}

/** Refuses RECORD_WRONG. */
function requireOfDay(charter: Charter, day: string, mspId: string, { key, record }: Placed): void {
    const isOfDay = !('slot' in record) || findDayOf(charter, record.slot)?.day === day;
    if (record.mspId !== mspId || record.key !== keyName(key) || !isOfDay) {
        refuse('RECORD_WRONG', `${keyName(key)} is none of ${mspId} on ${day}, or names itself another`);
    }
}

/** Refuses OPENING_UNKNOWN, OPENING_MISMATCH. */
async function requireMarked(ctx: TransactionContext, { key, record }: Placed): Promise<void> {
    const marker = await ctx.ledger.find(key);
    if (marker === undefined) {
        refuse('OPENING_UNKNOWN', keyName(key));
    }
    if ((marker.hash ?? (await agreementHash(ctx, key))) !== recordHash(record)) {
        refuse('OPENING_MISMATCH', keyName(key));
    }
}

/** A marker that the grid operator made with another household opens, but its record is nobody's word. Refuses SIGNATURE_INVALID. */
function requireSigned(charter: Charter, { key, record, signedBy }: Placed): void {
    const signer = signedBy === 'owner' ? memberOf(charter, record.mspId).ownerKey : charter.operatorKey;
    if (!isSigned(record, signer)) {
        refuse('SIGNATURE_INVALID', keyName(key));
    }
}
