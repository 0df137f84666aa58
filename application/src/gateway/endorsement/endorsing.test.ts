import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { common, gateway, peer } from '@hyperledger/fabric-protos';
import { FakeGateway, type Script } from '../../testing/fake-gateway';
import { MemberGateway, type Submission } from '../member-gateway';
import { TransactionLog } from '../transaction-log';
import type { EndorsementRule } from './rule';

const SHORT = [1, 1];
const PATIENCE = {
    endorse: SHORT,
    disagreement: SHORT,
    slowEndorserMs: 5_000,
    submit: SHORT,
    status: SHORT,
    conflict: SHORT,
};
const COMMITTEE: EndorsementRule = {
    what: 'a quorum of the committee of slot 12',
    anyOf: [
        [
            {
                of: [
                    { mspId: 'H1MSP', weight: 1n },
                    { mspId: 'H2MSP', weight: 4n },
                    { mspId: 'H3MSP', weight: 3n },
                    { mspId: 'H4MSP', weight: 2n },
                ],
                needed: 6n,
            },
        ],
    ],
    otherwise: 'the round can be voided',
};
const CLEAR: Submission = {
    chaincode: 'market',
    transaction: 'auction:clearRound',
    argument: { slot: 12 },
    endorsers: COMMITTEE,
    transient: { openings: ['secret'] },
};

const says = (mspId: string, message: string) => ({
    error: status.ABORTED,
    message: 'failed to collect enough transaction endorsements, see attached details for more info',
    details: [[mspId, message] as const],
});
const down = (mspId: string) => says(mspId, 'rpc error: connection refused');
const refuses = (mspId: string, code = 'ROUND_NOT_CLOSED') =>
    says(mspId, `chaincode response 500, [${code}] the round is not closed`);

let fake: FakeGateway;
let member: MemberGateway;
beforeAll(async () => {
    fake = await FakeGateway.start();
});
afterAll(() => {
    fake.stop();
});
beforeEach(() => {
    member = new MemberGateway(fake.profile, new TransactionLog(), PATIENCE);
});

async function outcome(script: Script): Promise<unknown> {
    fake.play(script);
    try {
        return await member.submit(CLEAR);
    } catch (error) {
        return error;
    }
}

const asked = (): string[] => fake.endorsed.flatMap((request) => request.getEndorsingOrganizationsList());

/** Who endorsed what was handed in. */
function submitted(): string[] {
    const request = gateway.SubmitRequest.deserializeBinary(fake.submitted.at(-1) ?? new Uint8Array());
    const payload = common.Payload.deserializeBinary(
        request.getPreparedTransaction()?.getPayload_asU8() ?? new Uint8Array(),
    );
    const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
    const content = peer.ChaincodeActionPayload.deserializeBinary(action?.getPayload_asU8() ?? new Uint8Array());
    return (content.getAction()?.getEndorsementsList() ?? []).map((each) =>
        Buffer.from(each.getEndorser_asU8()).toString(),
    );
}

describe('a submission by a rule', () => {
    it('asks just enough, each alone, and hands in one transaction with what they gave', async () => {
        expect(await outcome({})).toMatchObject({ blockNumber: 7n });
        expect(asked()).toEqual(['H2MSP', 'H3MSP']);
        expect(submitted()).toEqual(['H2MSP', 'H3MSP']);
        member.close();
    });

    it('goes around one that is down: who has endorsed is not asked again, and the next time it is asked last', async () => {
        const script = { endorsers: { H3MSP: down('H3MSP') } };
        expect(await outcome(script)).toMatchObject({ blockNumber: 7n });
        expect([asked(), submitted()]).toEqual([
            ['H2MSP', 'H3MSP', 'H4MSP'],
            ['H2MSP', 'H4MSP'],
        ]);
        expect(await outcome(script)).toMatchObject({ blockNumber: 7n });
        expect(asked()).toEqual(['H2MSP', 'H4MSP']);
        member.close();
    });

    it('sends all of them one and the same proposal', async () => {
        await outcome({ endorsers: { H3MSP: refuses('H3MSP') } });
        const proposals = fake.endorsed.map((request) =>
            Buffer.from(request.getProposedTransaction()?.getProposalBytes_asU8() ?? []).toString('base64'),
        );
        expect([proposals.length, new Set(proposals).size]).toEqual([3, 1]);
        member.close();
    });

    it('sends private inputs to nobody who does not stand in the rule', async () => {
        await outcome({ endorsers: { H2MSP: down('H2MSP'), H3MSP: refuses('H3MSP'), H4MSP: down('H4MSP') } });
        const candidates = ['H1MSP', 'H2MSP', 'H3MSP', 'H4MSP'];
        expect(fake.endorsed.every((request) => request.getEndorsingOrganizationsList().length === 1)).toBe(true);
        expect(asked().every((mspId) => candidates.includes(mspId))).toBe(true);
        member.close();
    });

    it('is refused where refusals leave too few, and says by whom', async () => {
        const all = { H1MSP: refuses('H1MSP'), H2MSP: refuses('H2MSP'), H3MSP: refuses('H3MSP') };
        expect(await outcome({ endorsers: { ...all, H4MSP: refuses('H4MSP') } })).toMatchObject({
            name: 'TransactionRefused',
            refusal: { code: 'ROUND_NOT_CLOSED' },
            by: ['H2MSP', 'H3MSP'],
        });
        expect(asked()).toEqual(['H2MSP', 'H3MSP']);
        member.close();
    });

    it('says who is missing and what can be done, after it has asked again', async () => {
        const failure = await outcome({ endorsers: { H2MSP: down('H2MSP'), H4MSP: refuses('H4MSP') } });
        expect(failure).toMatchObject({ name: 'NotDone', retryable: true });
        expect(String(failure)).toMatch(/too few endorsed for a quorum of the committee of slot 12: /);
        expect(String(failure)).toMatch(/not reached: H2MSP \(network.sh status/);
        expect(String(failure)).toMatch(/refused by H4MSP \(ROUND_NOT_CLOSED\)/);
        expect(String(failure)).toMatch(/the round can be voided; H2MSP at H2MSP:7051 says: rpc error/);
        expect(asked().filter((mspId) => mspId === 'H2MSP')).toHaveLength(3);
        member.close();
    });

    it('blames nobody else where the own peer cannot be reached', async () => {
        const failure = await outcome({
            endorse: [{ error: status.UNAVAILABLE, message: 'No connection established' }],
        });
        expect(failure).toMatchObject({ name: 'NotDone', message: expect.stringContaining('cannot be reached') });
        expect(String(failure)).not.toContain('too few');
        fake.play({});
        expect(await outcome({})).toMatchObject({ blockNumber: 7n });
        expect(asked()).toEqual(['H2MSP', 'H3MSP']);
        member.close();
    });
});
