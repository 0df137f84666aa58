import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { hasFabric } from '@commonwatt/network/topology/native/binaries';
import type { NetworkWish } from '@commonwatt/network/topology/network-kind';
import { peerDigests, type PeerDigest } from '@commonwatt/network/topology/peer-digests';
import { endProcesses, recordedProcesses } from '@commonwatt/network/topology/processes/supervisor';
import { TransactionInvalid } from '../gateway/failures';
import { governorsNow } from '../community/admission';
import { testNetwork, type TestNetwork } from '../testing/network';
import { Auction } from './auction';
import { committeeOf, votersOnVoiding } from './endorsers';
import { Community, Governance } from './governance';

const PORT = 9_400;
const LIMIT_MS = 300_000;
const QUORUMS = [
    { words: 'more than half', day: '2025-04-16', quorum: { numerator: 1n, denominator: 2n } },
    { words: 'more than two thirds', day: '2025-04-17', quorum: { numerator: 2n, denominator: 3n } },
];
const NETWORKS: { network: string; wish: NetworkWish; weights: readonly bigint[]; isHere: boolean }[] = [
    {
        network: 'embedded peers',
        wish: {},
        weights: [222_222n, 333_333n, 150_000n, 120_000n, 90_000n, 60_000n, 24_445n],
        isHere: true,
    },
    {
        network: "Fabric's peers",
        wish: { kind: 'native' },
        weights: [240_000n, 320_000n, 280_000n, 160_000n],
        isHere: hasFabric(process.env),
    },
];

const subsetsOf = (names: readonly string[]): string[][] =>
    Array.from({ length: 2 ** names.length - 1 }, (_, i) => names.filter((_name, bit) => ((i + 1) & (1 << bit)) !== 0));

/** How a transaction ended on the channel. */
async function codeOf(submission: Promise<unknown>): Promise<string> {
    try {
        await submission;
        return 'VALID';
    } catch (error) {
        if (error instanceof TransactionInvalid) {
            return error.validationCode;
        }
        throw error;
    }
}

describe.each(NETWORKS)('on $network', ({ wish, weights, isHere }) => {
    const here = isHere ? it : it.skip;
    let network: TestNetwork;
    let auction: Auction;
    let charter: Charter;
    const seats = (): { mspId: string; weight: bigint }[] =>
        network.members.topology.homes.map((id, i) => ({ mspId: `${id}MSP`, weight: weights[i] ?? 0n }));

    beforeAll(async () => {
        if (!isHere) {
            return;
        }
        network = await testNetwork(weights.length, PORT, wish);
        const { members } = network;
        auction = new Auction(members.member('H2').calls);
        const opening = new Auction(members.operator.calls);
        const governance = new Governance(members.operator.calls);
        const community = new Community(members.operator.calls, await governorsNow(members));
        for (const { day, quorum } of QUORUMS) {
            const fromSlot = Date.parse(`${day}T00:00:00+01:00`) / 900_000;
            await community.appointCommittee({ fromSlot, seats: seats(), quorum });
            await opening.openDay(day, true, ['DSOMSP', 'H1MSP']);
        }
        charter = (await governance.charter()) ?? network.charter;
    }, LIMIT_MS);
    afterAll(async () => {
        if (isHere) {
            await network.stop();
        }
    }, LIMIT_MS);

    /** Of all peers, once they are of one height. */
    async function agreement(): Promise<readonly PeerDigest[]> {
        const { topology, layout } = network.members;
        expect(await network.members.shared()).toEqual([]);
        return peerDigests(topology, layout);
    }

    describe.each(QUORUMS)('a round that needs $words of the committee', ({ day, quorum }) => {
        here(
            'is closed by the endorsements of exactly those who weigh enough, and every peer says so',
            async () => {
                const slots = (await auction.rounds(day)).map(({ slot }) => slot);
                const total = seats().reduce((sum, { weight }) => sum + weight, 0n);
                let closed = 0;
                for (const subset of subsetsOf(seats().map(({ mspId }) => mspId))) {
                    const weight = seats().reduce(
                        (sum, seat) => sum + (subset.includes(seat.mspId) ? seat.weight : 0n),
                        0n,
                    );
                    const isEnough = weight * quorum.denominator > total * quorum.numerator;
                    const slot = slots[closed] ?? 0;
                    expect([subset, await codeOf(auction.closeRound(slot, subset))]).toEqual([
                        subset,
                        isEnough ? 'VALID' : 'ENDORSEMENT_POLICY_FAILURE',
                    ]);
                    expect((await auction.round(slot)).status).toBe(isEnough ? 'closed' : 'open');
                    closed += isEnough ? 1 : 0;
                }
                const digests = await agreement();
                expect(new Set(digests.map(({ codesDigest }) => codesDigest)).size).toBe(1);
                expect(new Set(digests.map(({ stateDigest }) => stateDigest)).size).toBe(1);
            },
            LIMIT_MS,
        );

        here('is closed and cleared by just enough of them, and voided where the committee is not asked', async () => {
            const open = (await auction.rounds(day)).filter(({ status }) => status === 'open');
            const [first, second] = open.slice(-2);
            if (first === undefined || second === undefined) {
                throw new Error('no round is left');
            }
            const closed = await auction.closeRound(first.slot, committeeOf(charter, first));
            expect((await auction.clearRound(first.slot, [], committeeOf(charter, closed))).status).toBe('cleared');
            expect((await auction.voidRound(second.slot, 'a test', votersOnVoiding(charter, second))).status).toBe(
                'void',
            );
        });
    });

    // Embedded peers are one process: none of them is down alone.
    if (wish.kind !== 'native') {
        return;
    }
    here(
        'the client goes around a household whose peer is down, for a round as for what is governed',
        async () => {
            const { members } = network;
            const [round] = (await auction.rounds(QUORUMS[0]?.day ?? '')).filter(({ status }) => status === 'open');
            if (round === undefined) {
                throw new Error('no round is left');
            }
            const gone = recordedProcesses(members.layout).filter(({ name }) => name === 'peer-H1');
            await endProcesses(gone, members.layout);
            expect(gone).toHaveLength(1);
            expect((await auction.closeRound(round.slot, committeeOf(charter, round))).status).toBe('closed');
            const community = new Community(members.operator.calls, await governorsNow(members));
            await community.assignRole('auditor', 'H2MSP');
            expect((await new Governance(members.operator.calls).charter())?.roles.auditor).toBe('H2MSP');
        },
        LIMIT_MS,
    );
});
