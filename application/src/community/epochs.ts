import type { Charter } from '@commonwatt/chaincode/api/records';
import { dayOf, slot } from '@commonwatt/chaincode/domain/slot';
import { StakeEpoch, type EpochPhase } from '../day/stake-epoch';
import { StakeAgent } from '../household/stake-agent';
import type { Endorsers } from '../gateway/member-gateway';
import { unlessRefused } from '../market/governance';
import { StakeGovernance } from '../market/stake';
import type { TypedCalls } from '../market/typed-calls';
import { governorsNow, isActiveOn } from './admission';
import type { CommunityMembers, MemberAccess } from './members';

export interface EpochRequest {
    readonly charter: Charter;
    readonly epoch: string;
    /** Who endorses what is governed. */
    readonly governors: Endorsers;
    /** Who opens and ends the phases; the operator where nobody is named. */
    readonly caller?: TypedCalls | undefined;
    /** Households whose part is done here; all active ones where nothing is said. */
    readonly homes?: readonly string[] | undefined;
    readonly report?: (phase: EpochPhase, done: number, of: number) => void;
}

/** An epoch of stake as the whole community goes through it, or as some of its members do. */
export function stakeEpoch(members: CommunityMembers, request: EpochRequest): StakeEpoch {
    const { charter, epoch, governors, homes, caller = members.operator.calls, report = () => undefined } = request;
    return new StakeEpoch({
        epoch,
        caller,
        governors,
        households: members.households
            .filter(({ organisation }) => homes === undefined || homes.includes(organisation.id))
            .filter(({ calls }) => isActiveOn(charter, calls.mspId, epoch))
            .map((member) => stakeAgent(members, member)),
        report,
    });
}

/**
 * Fills the seats of the newest elected committee that a leaver leaves behind, with the next of the draw. Returns who sits there then;
 * undefined where nothing is vacant or nobody can take it.
 */
export async function fillSeats(
    members: CommunityMembers,
    { clock, committees }: Charter,
    leaver: string,
    leavesOn: string,
): Promise<readonly string[] | undefined> {
    const newest = committees.at(-1);
    if (newest?.electedIn === undefined || !newest.seats.some(({ mspId }) => mspId === leaver)) {
        return undefined;
    }
    const changes = clock.map((change) => ({ ...change, fromSlot: slot(change.fromSlot) }));
    const serves = dayOf(slot(newest.fromSlot), changes).day;
    const governance = new StakeGovernance(members.operator.calls, await governorsNow(members));
    try {
        const { seats } = await governance.substitute(newest.electedIn, serves > leavesOn ? serves : leavesOn);
        return seats.map(({ mspId }) => mspId);
    } catch (error) {
        unlessRefused('SUBSTITUTE_MISSING', error);
        return undefined;
    }
}

export function stakeAgent(members: CommunityMembers, { organisation, calls, keys }: MemberAccess): StakeAgent {
    return new StakeAgent({ home: organisation.id, operator: members.operator.calls.mspId, calls, keys });
}
