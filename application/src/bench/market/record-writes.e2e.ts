import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { common, gateway, ledger, peer } from '@hyperledger/fabric-protos';
import { connectionProfile } from '@commonwatt/network/topology/connection-profile';
import type { CommunityMembers } from '../../community/members';
import { openConnection, type Connection } from '../../gateway/connection';
import { onNetwork } from './bench-network';
import { RECORDS, type RecordsWish } from './records-chaincode';

let members: CommunityMembers;
let connection: Connection;
let end: () => void = () => undefined;
let running: Promise<void>;

beforeAll(async () => {
    await new Promise<void>((up, failed) => {
        running = onNetwork({ organisations: 3, portBase: 10_150 }, async (found) => {
            members = found;
            connection = openConnection(connectionProfile(members.topology, members.layout, 'H1'));
            up();
            await new Promise<void>((over) => (end = over));
            connection.close();
        });
        running.catch(failed);
    });
}, 300_000);

afterAll(async () => {
    end();
    await running;
}, 300_000);

/** What H1's peer signs for this transaction. */
async function simulated(wish: RecordsWish): Promise<Uint8Array> {
    const contract = connection.gateway.getNetwork(members.topology.channel).getContract(RECORDS);
    const proposal = contract.newProposal('put', {
        arguments: [JSON.stringify(wish)],
        endorsingOrganizations: ['H1MSP'],
    });
    const endorsed = await proposal.endorse();
    const prepared = peer.Transaction.deserializeBinary(payloadOf(endorsed.getBytes()));
    const [action] = prepared.getActionsList();
    const payload = peer.ChaincodeActionPayload.deserializeBinary(action?.getPayload_asU8() ?? new Uint8Array());
    const response = peer.ProposalResponsePayload.deserializeBinary(
        payload.getAction()?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
    );
    return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8();
}

/** The client's bytes are a message of the gateway: the transaction's id and its envelope. */
function payloadOf(bytes: Uint8Array): Uint8Array {
    const envelope = gateway.PreparedTransaction.deserializeBinary(bytes).getEnvelope() ?? new common.Envelope();
    return common.Payload.deserializeBinary(envelope.getPayload_asU8()).getData_asU8();
}

const keysIn = (results: Uint8Array): number =>
    ledger.rwset.TxReadWriteSet.deserializeBinary(results)
        .getNsRwsetList()
        .filter((set) => set.getNamespace() === RECORDS)
        .flatMap((set) => ledger.rwset.kvrwset.KVRWSet.deserializeBinary(set.getRwset_asU8()).getWritesList()).length;

describe('a transaction that writes many records', () => {
    const policy = Buffer.from('0a020800', 'hex').toString('hex');
    const wish = { name: 'r', value: 'v', batched: true };

    it.each([
        ['values', { count: 3 }],
        ['more values than fit into one batch', { count: 2_500 }],
        ['values and policies', { count: 1_200, policy }],
        ['values, policies and private values', { count: 700, policy, collection: '_implicit_org_H1MSP' }],
    ])(
        'comes to the same bytes in batches and one by one: %s',
        async (_, more) => {
            const batched = await simulated({ ...wish, ...more });
            const single = await simulated({ ...wish, ...more, batched: false });
            expect(keysIn(batched)).toBe(more.count);
            expect(Buffer.from(batched).equals(Buffer.from(single))).toBe(true);
        },
        300_000,
    );

    it('is refused at the end of the transaction where the peer refuses a write', async () => {
        const foreign = { ...wish, count: 2, collection: 'no such collection' };
        await expect(simulated(foreign)).rejects.toThrow();
        await expect(simulated({ ...foreign, batched: false })).rejects.toThrow();
    });
});
