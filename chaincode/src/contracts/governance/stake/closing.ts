import { charterKey, epochKey, misconductKey, stakeAccountKey, stakeBookKey } from '../../../api/keys';
import type {
    Charter,
    CommitteeTermRecord,
    EpochRecord,
    EpochResult,
    MisconductRecord,
    StakeAccount,
    StakeBook,
} from '../../../api/records';
import { dayFrom, daysSinceEpoch } from '../../../domain/calendar';
import { isActiveOn, memberNamed } from '../../../domain/community/roster';
import { toHex } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { slotAt } from '../../../domain/slot';
import { afterEpoch, afterPenalty } from '../../../domain/stake/account';
import { elect } from '../../../domain/stake/committee';
import { quorumOf } from '../../../domain/stake/parameters';
import { epochSeed, seedCommitment } from '../../../domain/stake/seed';
import { findDay, findDayOf } from '../../clock';
import type { TransactionContext } from '../../transaction-context';
import { recordedNow } from '../charter-store';
import { isOver } from './store';
import { ownRecords } from './weighing';

const SLOTS_PER_24_HOURS = 96;

/** What the secrets of an epoch come to. Refuses COMMITMENTS_OPEN, EPOCH_CLOSED, REVEALS_OPEN. */
export async function resultOf(ctx: TransactionContext, charter: Charter, epoch: EpochRecord): Promise<EpochResult> {
    if (epoch.status === 'closed') {
        refuse('EPOCH_CLOSED', epoch.epoch);
    }
    const weights = epoch.weights ?? refuse('COMMITMENTS_OPEN', epoch.epoch);
    const reveals = await ownRecords(ctx, 'seedReveal', epoch);
    const committed = weights.filter(({ commitment }) => commitment !== null);
    const secrets = committed.flatMap(({ mspId, commitment }) => {
        const secret = reveals.get(mspId)?.secret;
        return secret !== undefined && seedCommitment(epoch.epoch, mspId, secret) === commitment
            ? [{ mspId, secret }]
            : [];
    });
    const revealed = secrets.map(({ mspId }) => mspId);
    const unrevealed = committed.map(({ mspId }) => mspId).filter((mspId) => !revealed.includes(mspId));
    if (!isOver(charter, ctx, epoch.revealUntil, unrevealed.length === 0)) {
        refuse('REVEALS_OPEN', `${unrevealed.join(', ')} until slot ${epoch.revealUntil}`);
    }
    const seed = epochSeed(epoch.epoch, secrets);
    const drawn =
        seed === undefined
            ? { ranking: [], committee: null, reason: 'nobody revealed a secret' }
            : electedFrom(charter, epoch, revealed, seed, ctx.now);
    return { seed: seed === undefined ? null : toHex(seed), revealed, unrevealed, ...drawn };
}

type Drawn = Pick<EpochResult, 'ranking' | 'committee' | 'reason'>;

function electedFrom(
    charter: Charter,
    { epoch, parameters, weights = [] }: EpochRecord,
    revealed: readonly string[],
    seed: Uint8Array,
    now: number,
): Drawn {
    const day = servingDay(charter, dayFrom(daysSinceEpoch(epoch) + parameters.leadDays), now);
    const candidates = weights.filter(({ mspId }) => revealed.includes(mspId) && isServing(charter, mspId, day));
    const { ranking, committee } = elect(candidates, seed, { ...parameters, quorum: quorumOf(parameters) });
    const fromSlot = findDay(charter, day)?.first;
    if (committee === undefined || fromSlot === undefined) {
        return { ranking: [...ranking], committee: null, reason: 'fewer than two members took part in the draw' };
    }
    const last = charter.committees.at(-1);
    if (last !== undefined && last.fromSlot >= fromSlot) {
        return {
            ranking: [...ranking],
            committee: null,
            reason: `a committee is on record from slot ${last.fromSlot}`,
        };
    }
    return { ranking: [...ranking], committee: { fromSlot, seats: [...committee.seats], quorum: committee.quorum } };
}

/** The day itself, or where it has begun the next that has not: a round's committee never changes under it. */
function servingDay(charter: Charter, day: string, now: number): string {
    if (charter.rules.replayAllowed) {
        return day;
    }
    const today = findDayOf(charter, slotAt(now))?.day ?? refuse('DAY_UNKNOWN', 'today');
    return day > today ? day : dayFrom(daysSinceEpoch(today) + 1);
}

export const isServing = ({ members }: Charter, mspId: string, day: string): boolean =>
    isActiveOn(memberNamed(members, mspId)?.standings ?? [], day);

/** The charter with a committee that was elected, and without those whose days lie too far back to be billed. */
export function withElected(
    charter: Charter,
    committee: NonNullable<EpochResult['committee']>,
    { epoch, parameters }: EpochRecord,
    now: number,
): { readonly charter: Charter; readonly term: CommitteeTermRecord } {
    const term = { ...committee, electedIn: epoch, recorded: recordedNow(charter, now) };
    // From the epoch's own day, whenever its committee begins: what begins late must not take earlier days' committees along.
    const first = findDay(charter, epoch)?.first ?? committee.fromSlot;
    const oldest = first - parameters.keepDays * SLOTS_PER_24_HOURS;
    const all = [...charter.committees, term];
    // A term is needed until the one after it began: kept while that lies within the days that are kept.
    const committees = all.filter((_, i) => (all[i + 1]?.fromSlot ?? Infinity) > oldest);
    return { charter: { ...charter, committees }, term };
}

/** Everybody's account after the epoch, penalties taken. */
export interface Aftermath {
    readonly accounts: readonly StakeAccount[];
    readonly misconducts: readonly MisconductRecord[];
    readonly penaltiesNanos: bigint;
}

export function aftermathOf(epoch: EpochRecord, result: EpochResult, accounts: readonly StakeAccount[]): Aftermath {
    const { parameters } = epoch;
    const seats = new Set(result.committee?.seats.map(({ mspId }) => mspId));
    const followed = accounts.map((account) =>
        afterEpoch(
            account,
            { elected: seats.has(account.mspId), revealed: result.revealed.includes(account.mspId) },
            parameters.reputation,
        ),
    );
    return penalised(followed, result.unrevealed, {
        kind: 'unrevealed',
        subject: epoch.epoch,
        penalty: parameters.penalties.unrevealed,
    });
}

export interface Charge {
    readonly kind: MisconductRecord['kind'];
    readonly subject: string;
    readonly penalty: { readonly depositNanos: bigint; readonly reputation: bigint };
    readonly evidenceHash?: string;
}

/** The accounts after what these members did, with a record of each penalty. */
export function penalised(
    accounts: readonly StakeAccount[],
    mspIds: readonly string[],
    { penalty, ...charge }: Charge,
): Aftermath {
    const misconducts: MisconductRecord[] = [];
    const after = accounts.map((account) => {
        if (!mspIds.includes(account.mspId)) {
            return account;
        }
        const punished = afterPenalty(account, penalty);
        misconducts.push({ mspId: account.mspId, ...charge, ...punished.taken });
        return { ...punished.account };
    });
    const penaltiesNanos = misconducts.reduce((sum, { depositNanos }) => sum + depositNanos, 0n);
    return { accounts: after, misconducts, penaltiesNanos };
}

/** Write accounts, penalties and the community's share of them. */
export async function saveAftermath(
    ctx: TransactionContext,
    book: StakeBook,
    { accounts, misconducts, penaltiesNanos }: Aftermath,
): Promise<StakeBook> {
    const changed = { ...book, penaltiesNanos: book.penaltiesNanos + penaltiesNanos };
    await ctx.ledger.save(stakeBookKey, changed);
    for (const account of accounts) {
        await ctx.ledger.save(stakeAccountKey(account.mspId), account);
    }
    for (const misconduct of misconducts) {
        const { mspId, kind, subject } = misconduct;
        await ctx.ledger.save(misconductKey(mspId, kind, subject), misconduct);
        ctx.emit({ type: 'MisconductPunished', mspId, kind, subject });
    }
    return changed;
}

/** Write the closed epoch and its committee, and say so. */
export async function saveClosed(
    ctx: TransactionContext,
    charter: Charter,
    epoch: EpochRecord,
    result: EpochResult,
): Promise<EpochRecord> {
    const closed: EpochRecord = { ...epoch, status: 'closed', result };
    await ctx.ledger.save(epochKey(epoch.epoch), closed);
    const mspIds = result.committee?.seats.map(({ mspId }) => mspId) ?? [];
    ctx.emit({ type: 'EpochClosed', epoch: epoch.epoch, mspIds });
    if (result.committee !== null) {
        await saveTerm(ctx, charter, result.committee, epoch);
    }
    return closed;
}

export async function saveTerm(
    ctx: TransactionContext,
    before: Charter,
    committee: NonNullable<EpochResult['committee']>,
    epoch: EpochRecord,
): Promise<CommitteeTermRecord> {
    const { charter, term } = withElected(before, committee, epoch, ctx.now);
    await ctx.ledger.save(charterKey, { ...charter, version: charter.version + 1 });
    const mspIds = term.seats.map(({ mspId }) => mspId);
    ctx.emit({ type: 'CommitteeElected', fromSlot: term.fromSlot, epoch: epoch.epoch, mspIds });
    return term;
}
