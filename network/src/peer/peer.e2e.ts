import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GatewayError, type Commit } from '@hyperledger/fabric-gateway';
import { common, gateway, peer } from '@hyperledger/fabric-protos';

import { signaturePolicyEnvelope, and, signedBy } from '../fabric/policy';
import { PeerNetwork } from '../testing/peer-network';

const BOTH = ['H1MSP', 'DSOMSP'];
let network: PeerNetwork;

beforeAll(async () => {
    network = await PeerNetwork.start(2, 24000);
    await network.deploy();
}, 300_000);

afterAll(async () => {
    await network.stop();
});

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

const kv = (id = 'H1', at = id): ReturnType<ReturnType<PeerNetwork['client']>['contract']> =>
    network.client(id, at).contract('kv');

/** Both have it afterwards, so that what they endorse next comes to the same. */
async function submit(name: string, ...args: string[]): Promise<string> {
    const answer = text(await kv().submit(name, { arguments: args, endorsingOrganizations: BOTH }));
    await network.settled();
    return answer;
}

async function evaluate(name: string, ...args: string[]): Promise<string> {
    return text(await kv().evaluate(name, { arguments: args }));
}

/** The gateway's message and what every node involved said. */
async function refusal(call: Promise<unknown>): Promise<string> {
    const error: unknown = await call.then(
        () => new Error('it succeeded'),
        (cause: unknown) => cause,
    );
    if (!(error instanceof GatewayError)) return String(error);
    return [error.message, ...error.details.map(({ mspId, message }) => `${mspId}: ${message}`)].join('\n');
}

describe('a network of embedded peers', () => {
    test('endorses, orders and commits what an unmodified client submits', async () => {
        await submit('put', 'a', '1');
        expect(await evaluate('get', 'a')).toBe('1');
        await network.settled();
        expect(text(await kv('H2').evaluate('get', { arguments: ['a'] }))).toBe('1');
    });

    test('plans endorsements by itself when the client names nobody', async () => {
        await kv().submit('put', { arguments: ['planned', 'yes'] });
        expect(await evaluate('get', 'planned')).toBe('yes');
    });

    test('plans with the policies of the keys that are written', async () => {
        const policy = signaturePolicyEnvelope(and(signedBy('H1MSP', 'peer'), signedBy('H2MSP', 'peer')));
        const hex = Buffer.from(policy.serializeBinary()).toString('hex');
        await submit('put', 'guarded', '1');
        await submit('setPolicy', 'guarded', hex);
        expect(await evaluate('getPolicy', 'guarded')).toBe(hex);
        await network.settled();
        await kv().submit('put', { arguments: ['guarded', '2'] });
        expect(await evaluate('get', 'guarded')).toBe('2');
        await expect(submit('put', 'guarded', '3')).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
    });

    test('deletes keys and shows their history, newest first', async () => {
        await submit('put', 'h', 'one');
        await submit('put', 'h', 'two');
        await submit('del', 'h');
        const history = JSON.parse(await evaluate('history', 'h')) as { value: string; isDelete: boolean }[];
        expect(history.map(({ value, isDelete }) => [value, isDelete])).toEqual([
            ['', true],
            ['two', false],
            ['one', false],
        ]);
        expect(await evaluate('get', 'h')).toBe('');
    });

    test('reads ranges in batches and in pages', async () => {
        await submit('putMany', '250', 'x');
        expect(await evaluate('count', 'many-', 'many-~')).toBe('250');
        const page = JSON.parse(await evaluate('page', 'many-', 'many-~', '3', '')) as unknown;
        expect(page).toEqual({
            keys: ['many-00000', 'many-00001', 'many-00002'],
            bookmark: 'many-00003',
            count: 3,
        });
        expect(JSON.parse(await evaluate('page', 'many-', 'many-~', '3', 'many-00248'))).toMatchObject({
            keys: ['many-00248', 'many-00249'],
            bookmark: '',
        });
    });

    test('does not let a transaction read its own writes, and finds conflicting reads', async () => {
        await submit('put', 'counter', '5');
        const propose = async (): Promise<Awaited<ReturnType<ReturnType<typeof kv>['submitAsync']>>> => {
            const proposal = kv().newProposal('add', { arguments: ['counter', '1'], endorsingOrganizations: BOTH });
            return (await proposal.endorse()).submit();
        };
        const commits = await Promise.all([propose(), propose()]);
        const codes = await Promise.all(commits.map(async (commit) => (await commit.getStatus()).code));
        expect(codes.sort()).toEqual([0, 11]);
        expect(await evaluate('get', 'counter')).toBe('6');
    });

    test('calls from chaincode to chaincode read the callee and answer the caller', async () => {
        const other = network.client('H1').contract('other');
        await other.submit('put', { arguments: ['there', 'hello'], endorsingOrganizations: BOTH });
        await network.settled();
        expect(await evaluate('call', 'other', 'get', 'there')).toBe('200  hello');
        expect(await evaluate('call', 'other/community', 'get', 'there')).toBe('200  hello');
        expect(await evaluate('call', 'other', 'fail', 'no luck')).toMatch(/no luck/);
        expect(await refusal(evaluate('call', 'nobody', 'get'))).toMatch(
            /INVOKE_CHAINCODE failed: transaction ID: \w+: execute failed: invalid invocation: \[channel community\] failed to get chaincode container info for nobody: chaincode nobody not found/,
        );
        expect(await evaluate('call', 'qscc', 'GetChainInfo', 'community')).toMatch(/^500 Rejecting invoke of QSCC/);
        expect(await refusal(evaluate('call', 'other/elsewhere', 'get', 'x'))).toMatch(
            /Failed to get policy manager for channel \[elsewhere\]/,
        );
    });

    test('emits events with checkpoints', async () => {
        const { gateway: client } = network.client('H1');
        const channel = client.getNetwork('community');
        const height = network.peer('H1').height;
        await submit('event', 'first', 'one');
        await submit('event', 'second', 'two');
        const events = await channel.getChaincodeEvents('kv', { startBlock: BigInt(height) });
        const seen: { name: string; transactionId: string; payload: string }[] = [];
        for await (const { eventName, transactionId, payload } of events) {
            seen.push({ name: eventName, transactionId, payload: text(payload) });
            if (seen.length === 2) break;
        }
        events.close();
        expect(seen.map(({ name, payload }) => [name, payload])).toEqual([
            ['first', 'one'],
            ['second', 'two'],
        ]);
        const checkpoint = {
            getBlockNumber: () => undefined,
            getTransactionId: () => seen[0]?.transactionId,
        };
        const later = await channel.getChaincodeEvents('kv', { checkpoint });
        for await (const { eventName } of later) {
            expect(eventName).toBe('second');
            break;
        }
        later.close();
    });

    test('delivers blocks and filtered blocks', async () => {
        const channel = network.client('H2').gateway.getNetwork('community');
        const blocks = await channel.getBlockEvents({ startBlock: 0n });
        for await (const block of blocks) {
            expect(block.getHeader()?.getNumber()).toBe(0);
            break;
        }
        blocks.close();
        const filtered = await channel.getFilteredBlockEvents({ startBlock: 1n });
        for await (const block of filtered) {
            expect(block.getChannelId()).toBe('community');
            expect(block.getFilteredTransactionsList()[0]?.getTxValidationCode()).toBe(0);
            break;
        }
        filtered.close();
    });
});

describe('private data in implicit collections', () => {
    const collection = '_implicit_org_H1MSP';
    const put = (value: string): Promise<Uint8Array> =>
        kv().submit('putPrivate', {
            arguments: [collection, 'secret'],
            transientData: { value },
            endorsingOrganizations: BOTH,
        });

    test('stay at their organisation, hashes are everybody’s', async () => {
        await put('plain');
        await network.settled();
        expect(await evaluate('getPrivate', collection, 'secret')).toBe('plain');
        const hash = await evaluate('getPrivateHash', collection, 'secret');
        expect(hash).toMatch(/^[0-9a-f]{64}$/);
        expect(text(await kv('H2').evaluate('getPrivateHash', { arguments: [collection, 'secret'] }))).toBe(hash);
        expect(await refusal(kv('H2').evaluate('getPrivate', { arguments: [collection, 'secret'] }))).toMatch(
            /private data matching public hash version is not available/i,
        );
        expect(await evaluate('rangePrivate', collection, '', '')).toBe('[["secret","plain"]]');
    });

    test('are put by a client that names nobody, who is asked follows from the collection', async () => {
        await kv('H2').submit('putPrivate', { arguments: [collection, 'planned'], transientData: { value: 'x' } });
        await network.settled();
        expect(await evaluate('getPrivate', collection, 'planned')).toBe('x');
    });

    test('are deleted and purged', async () => {
        await put('again');
        await submit('delPrivate', collection, 'secret');
        expect(await evaluate('getPrivateHash', collection, 'secret')).toBe('');
        await put('for the purge');
        await submit('purgePrivate', collection, 'secret');
        expect(await evaluate('getPrivate', collection, 'secret')).toBe('');
    });

    test('unknown collections are refused', async () => {
        const call = evaluate('getPrivate', '_implicit_org_NobodyMSP', 'x');
        expect(await refusal(call)).toMatch(
            /collection \[_implicit_org_NobodyMSP\] not defined in the collection config/,
        );
        expect(await refusal(evaluate('getPrivate', 'explicit', 'x'))).toMatch(/could not be found/);
    });
});

describe('what goes wrong is said with who said it', () => {
    test('a refusal of the chaincode names the organisation and carries its message', async () => {
        expect(await refusal(submit('fail', 'NOT_TODAY: no'))).toMatch(
            /failed to collect enough transaction endorsements[^]*(H1MSP|DSOMSP): chaincode response 500, NOT_TODAY: no/,
        );
        expect(await refusal(evaluate('fail', 'NOT_TODAY: no'))).toMatch(
            /evaluate call to endorser returned error: chaincode response 500, NOT_TODAY: no\nH1MSP: /,
        );
        expect(await refusal(submit('refuse', '404', 'not here'))).toMatch(/chaincode response 404, not here/);
    });

    test('an organisation that does not exist', async () => {
        const call = kv().submit('put', { arguments: ['x', 'y'], endorsingOrganizations: ['H1MSP', 'H99MSP'] });
        expect(await refusal(call)).toMatch(/failed to find any endorsing peers for org\(s\): H99MSP/);
    });

    test('endorsers that disagree', async () => {
        const call = kv().submit('process', { endorsingOrganizations: BOTH });
        expect(await refusal(call)).toMatch(/(H1MSP|DSOMSP): ProposalResponsePayloads do not match/);
    });

    test('rich queries', async () => {
        expect(await refusal(evaluate('query', '{}'))).toMatch(
            /GET_QUERY_RESULT failed: transaction ID: \w+: ExecuteQuery not supported for leveldb/,
        );
    });

    test('a chaincode that nobody deployed', async () => {
        const call = network.client('H1').contract('nobody').evaluate('get');
        expect(await refusal(call)).toMatch(/no peers available to evaluate chaincode nobody in channel community/);
    });

    test('too few endorsements are found when the transaction is validated', async () => {
        const call = kv().submit('put', { arguments: ['x', 'y'], endorsingOrganizations: ['H1MSP'] });
        await expect(call).rejects.toThrow('ENDORSEMENT_POLICY_FAILURE');
    });

    /** A prepared transaction in whose payload one letter of the key is another, signed by the client all the same. */
    async function tampered(occurrence: 'indexOf' | 'lastIndexOf'): Promise<Commit> {
        const { gateway: client } = network.client('H1');
        const contract = client.getNetwork('community').getContract('kv');
        const proposal = contract.newProposal('put', { arguments: ['tampered', '1'], endorsingOrganizations: BOTH });
        const transaction = gateway.PreparedTransaction.deserializeBinary((await proposal.endorse()).getBytes());
        const payload = Buffer.from(transaction.getEnvelope()?.getPayload_asU8() ?? []);
        payload[payload[occurrence]('tampered')] = 'T'.charCodeAt(0);
        const unsigned = new common.Envelope();
        unsigned.setPayload(payload);
        transaction.setEnvelope(unsigned);
        return client.newTransaction(transaction.serializeBinary()).submit();
    }

    test('results that were changed after the endorsement are invalid', async () => {
        const commit = await tampered('lastIndexOf');
        expect((await commit.getStatus()).code).toBe(peer.TxValidationCode.ENDORSEMENT_POLICY_FAILURE);
        expect(await evaluate('get', 'Tampered')).toBe('');
    });

    test('arguments that were changed after the endorsement are not ordered', async () => {
        expect(await refusal(tampered('indexOf'))).toMatch(/status=BAD_REQUEST, info=.*INVALID_ENDORSER_TRANSACTION/);
    });
});
