import { TRANSACTIONS } from '../../api/transactions';
import { committeeFlaw, isQuorum } from '../../domain/committee';
import { isActiveOn } from '../../domain/community/roster';
import { slotAt } from '../../domain/slot';
import type { Charter, Appointment } from '../../api/records';
import { refuse } from '../../domain/refusals';
import { BaseContract } from '../base-contract';
import { findDayOf } from '../clock';
import { answer, argumentOf } from '../inputs';
import type { TransactionContext } from '../transaction-context';
import { ownCharter, recordedNow, requireLaterDay, requireOperator, saveChanged } from './charter-store';

/**
 * Appointments are for communities that elect nobody, and for when no election has been held for so long: who could appoint before
 * could set aside every committee that was elected. Where days are replayed the slots tell the time.
 */
const ELECTED_SLOTS = 7 * 96;

/** Who closes and clears rounds: a governed list, where stake does not elect it. */
export class CommitteeContract extends BaseContract {
    constructor() {
        super('governance', 'committee');
    }

    async appoint(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['committee:appoint'];
        const appointed = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        requireCommittee(charter, appointed, ctx.now);
        const term = { ...appointed, recorded: recordedNow(charter, ctx.now) };
        const changed = await saveChanged(ctx, { ...charter, committees: [...charter.committees, term] });
        ctx.emit({ type: 'CommitteeAppointed', fromSlot: term.fromSlot, mspIds: term.seats.map(({ mspId }) => mspId) });
        return answer(specification, changed);
    }

    async current(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['committee:current'];
        const { slot } = argumentOf(specification, args);
        const { committees } = await ownCharter(ctx);
        const term = committees.findLast(({ fromSlot }) => fromSlot <= slot);
        return answer(specification, term ?? refuse('COMMITTEE_MISSING', `slot ${slot}`));
    }
}

/**
 * Seats are for active members. A committee replaces the one before from a slot on; one that was
 * appointed for later must be superseded, never slipped under: rounds stand under the policy of their committee.
 */
function requireCommittee(charter: Charter, term: Appointment, now: number): void {
    const day = requireForm(charter, term);
    const stranger = term.seats.find(({ mspId }) => !maySit(charter, mspId, day));
    if (stranger !== undefined) {
        refuse('MEMBER_UNKNOWN', `${stranger.mspId} is not active on ${day}`);
    }
    requireLaterDay(charter, day, now);
    const last = charter.committees.at(-1);
    if (last !== undefined && last.fromSlot >= term.fromSlot) {
        refuse('COMMITTEE_EXISTS', `from slot ${last.fromSlot}, asked for ${term.fromSlot}`);
    }
    if (
        last?.electedIn !== undefined &&
        (charter.rules.replayAllowed ? term.fromSlot : slotAt(now)) < last.fromSlot + ELECTED_SLOTS
    ) {
        refuse('COMMITTEE_EXISTS', `elected in ${last.electedIn}, from slot ${last.fromSlot}`);
    }
}

/** The day from which a well-formed committee serves. */
function requireForm(charter: Charter, term: Appointment): string {
    const flaw = committeeFlaw(term);
    if (flaw !== undefined) {
        refuse('COMMITTEE_INVALID', flaw);
    }
    // Two halves could each clear a round, and somebody must be able to.
    if (term.quorum.numerator * 2n < term.quorum.denominator || term.quorum.numerator === term.quorum.denominator) {
        refuse('COMMITTEE_INVALID', 'a quorum is more than a share from one half to less than all of the weight');
    }
    // Who clears a round sees its orders, and the grid operator is not to see them before they are settled.
    if (term.seats.some(({ mspId }) => mspId === charter.roles.dso)) {
        refuse('COMMITTEE_INVALID', 'the grid operator has no seat');
    }
    // What needs a quorum needs more than one.
    const alone = term.seats.find(({ mspId }) => isQuorum(term, [mspId]));
    if (alone !== undefined) {
        refuse('COMMITTEE_INVALID', `${alone.mspId} alone would be a quorum`);
    }
    const day = findDayOf(charter, term.fromSlot);
    return day?.day ?? refuse('COMMITTEE_INVALID', `the clock does not reach slot ${term.fromSlot}`);
}

const maySit = ({ members }: Charter, mspId: string, day: string): boolean =>
    isActiveOn(members[mspId]?.standings ?? [], day);
