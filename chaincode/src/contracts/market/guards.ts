import type { LedgerKey } from '../../api/keys';
import type { Charter, Member } from '../../api/records';
import { ownerStatement } from '../../api/statements';
import { encodeBytes } from '../../api/wire';
import { isActiveOn, memberNamed } from '../../domain/community/roster';
import { sha256Hex, verifySignature } from '../../domain/digest';
import { refuse } from '../../domain/refusals';
import { SECONDS_PER_SLOT, slot as slotOf, slotEnd, slotStart } from '../../domain/slot';
import { committeeOf, gridOperator } from '../../ledger/market-policies';
import { findDayOf } from '../clock';
import type { TransactionContext } from '../transaction-context';

/** SHA-256 of a private record's bytes: what its marker holds. */
export const recordHash = (record: object): string => sha256Hex(encodeBytes(record));

/** Whoever relies on a key checks that it can be written by its parties only. Refuses KEY_POLICY_WRONG. */
export async function requirePolicy(ctx: TransactionContext, key: LedgerKey, expected: Uint8Array): Promise<void> {
    if (!(await hasPolicy(ctx, key, expected))) {
        refuse('KEY_POLICY_WRONG', [key.type, ...key.parts].join('/'));
    }
}

export async function hasPolicy(ctx: TransactionContext, key: LedgerKey, expected: Uint8Array): Promise<boolean> {
    return Buffer.from(expected).equals(await ctx.ledger.policyOf(key));
}

export function memberOf({ members }: Charter, mspId: string): Member {
    return memberNamed(members, mspId) ?? refuse('MEMBER_UNKNOWN', mspId);
}

/** The member's file, if it takes part in the market on the slot's day. Refuses MEMBER_NOT_ACTIVE. */
export function activeMember(charter: Charter, mspId: string, slot: number): Member {
    const day = findDayOf(charter, slot)?.day;
    const member = memberNamed(charter.members, mspId);
    if (day === undefined || member === undefined || !isActiveOn(member.standings, day)) {
        refuse('MEMBER_NOT_ACTIVE', `${mspId} on ${day ?? `the day of slot ${slot}`}`);
    }
    return member;
}

/** A private record says of itself under which key it stands, and its owner signed that. */
export function isSigned(record: { readonly signature: string }, key: string): boolean {
    return verifySignature(key, ownerStatement(record), record.signature);
}

/** The key of who stands for a household's record: its own; or after the deadline the grid operator's. */
export const signerKey = (charter: Charter, mspId: string, signedBy: 'owner' | 'operator'): string =>
    signedBy === 'owner' ? memberOf(charter, mspId).ownerKey : charter.operatorKey;

export function requireSeat(charter: Charter, slot: number, caller: string): void {
    if (!hasSeat(charter, slot, caller)) {
        refuse('FORBIDDEN', `${caller} has no seat in the committee of slot ${slot}`);
    }
}

/** Refuses FORBIDDEN. */
export function requireSeatOrOperator(charter: Charter, slot: number, caller: string): void {
    if (caller !== gridOperator(charter)) {
        requireSeat(charter, slot, caller);
    }
}

export const hasSeat = (charter: Charter, slot: number, caller: string): boolean =>
    committeeOf(charter, slot).seats.some(({ mspId }) => mspId === caller);

/** The household itself or the grid operator. Refuses FORBIDDEN. */
export function requireParty(charter: Charter, mspId: string, caller: string): void {
    if (caller !== mspId && caller !== gridOperator(charter)) {
        refuse('FORBIDDEN', `${caller} is neither ${mspId} nor the grid operator`);
    }
}

export function requireGridOperator(charter: Charter, caller: string): void {
    if (caller !== gridOperator(charter)) {
        refuse('FORBIDDEN', `${caller} is not the grid operator, ${gridOperator(charter)}`);
    }
}

/** Unix seconds at which a slot's gate closes. */
export const gateOf = (slot: number, gateSlots: number): number =>
    slotStart(slotOf(slot)) - gateSlots * SECONDS_PER_SLOT;

/** Refuses DEADLINE_OPEN until so many slots after the slot's end. */
export function requireDeadline(slot: number, slotsAfter: number, now: number): void {
    const deadline = slotEnd(slotOf(slot)) + slotsAfter * SECONDS_PER_SLOT;
    if (now < deadline) {
        refuse('DEADLINE_OPEN', `slot ${slot}: ${deadline - now} s to go`);
    }
}
