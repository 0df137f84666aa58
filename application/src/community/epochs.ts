import type { Charter } from '@commonwatt/chaincode/api/records';
import { StakeEpoch, type EpochPhase } from '../day/stake-epoch';
import { StakeAgent } from '../household/stake-agent';
import type { Endorsers } from '../gateway/member-gateway';
import { isActiveOn } from './admission';
import type { CommunityMembers, MemberAccess } from './members';

export interface EpochRequest {
    readonly charter: Charter;
    readonly epoch: string;
    /** Who endorses what is governed. */
    readonly governors: Endorsers;
    /** Households whose part is done here; all active ones where nothing is said. */
    readonly homes?: readonly string[] | undefined;
    readonly report?: (phase: EpochPhase, done: number, of: number) => void;
}

/** An epoch of stake as the whole community goes through it, or as some of its members do. */
export function stakeEpoch(members: CommunityMembers, request: EpochRequest): StakeEpoch {
    const { charter, epoch, governors, homes, report = () => undefined } = request;
    return new StakeEpoch({
        epoch,
        operator: members.operator.calls,
        governors,
        households: members.households
            .filter(({ organisation }) => homes === undefined || homes.includes(organisation.id))
            .filter(({ calls }) => isActiveOn(charter, calls.mspId, epoch))
            .map((member) => stakeAgent(members, member)),
        report,
    });
}

export function stakeAgent(members: CommunityMembers, { organisation, calls, keys }: MemberAccess): StakeAgent {
    return new StakeAgent({ home: organisation.id, operator: members.operator.calls.mspId, calls, keys });
}
