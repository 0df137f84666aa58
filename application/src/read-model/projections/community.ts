import * as record from '@commonwatt/chaincode/api/records';
import { readableText } from '../blocks/readable';
import type { SeatRow } from '../rows';
import type { Changes } from './changes';
import { assertNames, flag, type Projection } from './projection';

/** Members and committees, as the newest charter names them. Nobody ever leaves the charter: who has left it says so. */
export const charter: Projection = (_parts, found, changes) => {
    if (found === undefined) {
        return;
    }
    const said = record.charter.parse(found);
    for (const row of membersOf(said)) {
        changes.put('members', { ...row, charter_version: said.version });
    }
    for (const { fromSlot, seats, quorum, electedIn } of said.committees) {
        changes.put('committees', {
            from_slot: fromSlot,
            seats: JSON.stringify(seatsOf(seats)),
            quorum_numerator: quorum.numerator.toString(),
            quorum_denominator: quorum.denominator.toString(),
            elected_in: electedIn ?? null,
            charter_version: said.version,
        });
    }
};

/** Households of the roster, then those who hold a role and are none. */
function membersOf({ members, roles }: record.Charter) {
    const held = Object.entries(roles);
    const rolesOf = (mspId: string): string =>
        JSON.stringify(held.flatMap(([role, holder]) => (holder === mspId ? [role] : [])).sort());
    const households = Object.values(members).map(({ mspId, prosumer, standings }) => ({
        msp_id: mspId,
        is_household: 1,
        roles: rolesOf(mspId),
        prosumer: flag(prosumer),
        standings: JSON.stringify(standings.map(({ fromDay, status }) => ({ fromDay, status }))),
    }));
    const others = new Set(held.map(([, holder]) => holder).filter((mspId) => members[mspId] === undefined));
    const holders = [...others].map((mspId) => ({
        msp_id: mspId,
        is_household: 0,
        roles: rolesOf(mspId),
        prosumer: 0,
        standings: '[]',
    }));
    return [...households, ...holders];
}

function seatsOf(seats: record.Appointment['seats']): SeatRow[] {
    return seats.map(({ mspId, weight }) => ({ mspId, weight: weight.toString() }));
}

export const epoch: Projection = (parts, found, changes) => {
    const [of = ''] = parts;
    if (found === undefined) {
        changes.remove('epochs', { epoch: of });
        return;
    }
    const said = record.epochRecord.parse(found);
    assertNames(parts, said.epoch);
    changes.put('epochs', {
        epoch: of,
        status: said.status,
        energy_day: said.energyDay,
        ...(said.result === undefined ? NO_RESULT : resultOf(said.result)),
    });
    weigh(of, said.weights ?? [], changes);
};

const NO_RESULT = { seed: null, ranking: '[]', unrevealed: '[]', committee: null, reason: null };

function resultOf({ seed, ranking, unrevealed, committee, reason }: record.EpochResult) {
    return {
        seed,
        ranking: JSON.stringify(ranking),
        unrevealed: JSON.stringify(unrevealed),
        committee: committee && JSON.stringify({ fromSlot: committee.fromSlot, seats: seatsOf(committee.seats) }),
        reason: reason === undefined ? null : readableText(reason),
    };
}

/** Once weights are fixed they and their members stay. */
function weigh(of: string, weights: readonly record.Weighed[], changes: Changes): void {
    for (const each of weights) {
        changes.put('weights', {
            epoch: of,
            msp_id: each.mspId,
            tokens: each.tokens.toString(),
            age: each.age,
            reputation: each.reputation.toString(),
            energy_ppm: each.energyPpm.toString(),
            age_ppm: each.agePpm.toString(),
            reputation_ppm: each.reputationPpm.toString(),
            weight: each.weight.toString(),
            committed: flag(each.commitment !== null),
        });
    }
}
